using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>
/// A real redis-server on a free loopback port, with an append-only file that is on disk before each answer. It may be
/// killed and started again on its data.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly Lazy<Task<RedisServer>> SharedServer = new(() => StartAsync());

    private readonly string folder = Directory.CreateTempSubdirectory("koubou-redis-").FullName;
    private readonly int port;
    private Process? process;

    private RedisServer(int port) => this.port = port;

    public string Address => $"127.0.0.1:{port}";

    /// <summary>The one that all tests of this process share; it ends with the process.</summary>
    public static RedisServer Shared => SharedServer.Value.GetAwaiter().GetResult();

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer(FreePort());
        await server.RunAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Kill();
        return server;
    }

    /// <summary>Starts the server again after <see cref="Kill"/>, on the data that it left.</summary>
    public async Task RunAsync()
    {
        process = Process.Start(new ProcessStartInfo("redis-server")
        {
            ArgumentList =
            {
                "--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--dir", folder, "--save", "",
                "--appendonly", "yes", "--appendfsync", "always",
            },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException("redis-server did not start.");

        // Until it says so; its data are loaded then.
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException("redis-server ended at its start. Is it installed? ./test.sh does that.");
    }

    /// <summary>Ends the server as a power cut would.</summary>
    public void Kill()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
