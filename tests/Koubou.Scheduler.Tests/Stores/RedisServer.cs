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

    private readonly string _folder = Directory.CreateTempSubdirectory("koubou-redis-").FullName;
    private readonly int _port;
    private Process? _process;

    private readonly RedisServer? _primary;

    private RedisServer(int port, RedisServer? primary)
    {
        _port = port;
        _primary = primary;
    }

    public string Address => $"127.0.0.1:{_port}";

    /// <summary>The one that all tests of this process share; it ends with the process.</summary>
    public static RedisServer Shared => SharedServer.Value.GetAwaiter().GetResult();

    /// <param name="primary">The server whose replica this one is. Null: none.</param>
    public static async Task<RedisServer> StartAsync(RedisServer? primary = null)
    {
        var server = new RedisServer(FreePort(), primary);
        await server.RunAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Kill();
        return server;
    }

    /// <summary>Starts the server again after <see cref="Kill"/>, on the data that it left.</summary>
    public async Task RunAsync()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server")
        {
            ArgumentList =
            {
                "--bind", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--dir", _folder, "--save", "",
                "--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0",
                "--replicaof", _primary is null ? "no one" : $"127.0.0.1 {_primary._port}",
            },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException("redis-server did not start.");

        // Until it says so; its data are loaded then.
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = _process.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException("redis-server ended at its start. Is it installed? ./test.sh does that.");
    }

    /// <summary>Ends the server as a power cut would.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
