using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Koubou.Worker.Processes.Relays;

/// <summary>
/// The worker's program as the first process of a network namespace: brings its loopback up, relays one port of it to a
/// Unix socket, and runs a program until that ends. With it the kernel ends all that is left inside.
/// </summary>
internal static class RelayProgram
{
    /// <summary>The first argument. Sample: <c>relay /tmp/x/door 11434 -- codex exec -</c>.</summary>
    public const string Word = "relay";

    private const int ConnectionsMax = 32;
    private const int BufferBytes = 16 * 1024;
    private const int Broken = 125;

    public static bool IsAsked(string[] args) => args is [Word, _, _, "--", _, ..];

    public static async Task<int> RunAsync(string[] args)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            LoopbackInterface.BringUp();
            listener.Bind(new IPEndPoint(IPAddress.Loopback, int.Parse(args[2], CultureInfo.InvariantCulture)));
            listener.Listen(ConnectionsMax);
            // Both hold for this thread, which is the one that forks.
            Capabilities.GiveUp();
            using var child = Start(args[4], args[5..]);
            var accepting = AcceptAsync(listener, args[1]);
            await Task.WhenAny(child.WaitForExitAsync(), accepting);
            // Without its relay the program would only wait for its time to run out.
            return accepting.IsFaulted ? Fail(accepting.Exception.InnerException!) : child.ExitCode;
        }
        catch (Exception exception) when (exception is SocketException or Win32Exception)
        {
            return Fail(exception);
        }
    }

    private static int Fail(Exception exception)
    {
        Console.Error.WriteLine($"The relay is broken: {exception.Message}");
        return Broken;
    }

    private static Process Start(string program, string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { UseShellExecute = false };
        foreach (var own in info.Environment.Keys.Where(name => name.StartsWith("DOTNET_", StringComparison.Ordinal)).ToList())
        {
            info.Environment.Remove(own);
        }

        return Process.Start(info)!;
    }

    private static async Task AcceptAsync(Socket listener, string path)
    {
        using var free = new SemaphoreSlim(ConnectionsMax);
        while (true)
        {
            await free.WaitAsync();
            var inside = await listener.AcceptAsync();
            _ = RelayAsync(inside, path).ContinueWith(_ => free.Release(), TaskScheduler.Default);
        }
    }

    private static async Task RelayAsync(Socket inside, string path)
    {
        using (inside)
        using (var outside = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await outside.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await Task.WhenAll(CopyAsync(inside, outside), CopyAsync(outside, inside));
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[BufferBytes];
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Half of it broke: the other half has nobody to speak to.
            from.Dispose();
            to.Dispose();
        }
    }
}
