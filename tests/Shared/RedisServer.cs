using System.Diagnostics;
using System.Globalization;

namespace Koubou.Tests.Shared;

/// <summary>
/// A real redis-server on a free loopback port, with an append-only file. It may be killed and started again on its data.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly Lazy<Task<RedisServer>> SharedServer = new(() => StartAsync());

    private readonly string _folder = Directory.CreateTempSubdirectory("koubou-redis-").FullName;
    private readonly RedisServer? _primary;
    private Process? _process;

    private RedisServer(string fsync, RedisServer? primary)
    {
        Fsync = fsync;
        _primary = primary;
    }

    /// <summary>The one that all tests of this process share; it ends with the process.</summary>
    public static RedisServer Shared => SharedServer.Value.GetAwaiter().GetResult();

    public int Port { get; } = FreePort.Next();

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>What its <c>appendfsync</c> says.</summary>
    public string Fsync { get; }

    public TimeSpan ProcessorTime => Refreshed().TotalProcessorTime;

    public long MemoryBytes => Refreshed().WorkingSet64;

    /// <param name="fsync">Default: what is answered is on disk.</param>
    /// <param name="primary">The server whose replica this one is. Null: none.</param>
    public static async Task<RedisServer> StartAsync(string fsync = "always", RedisServer? primary = null)
    {
        var server = new RedisServer(fsync, primary);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Kill();
        await server.RunAsync();
        return server;
    }

    /// <summary>Starts the server again after <see cref="Kill"/>, on the data that it left.</summary>
    public async Task RunAsync() => _process = await ServerStart.RunAsync(
        new ProcessStartInfo("redis-server")
        {
            ArgumentList =
            {
                "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--dir", _folder, "--save", "",
                "--appendonly", "yes", "--appendfsync", Fsync, "--auto-aof-rewrite-percentage", "0",
                "--repl-diskless-sync-delay", "0", "--replicaof", _primary is null ? "no one" : $"127.0.0.1 {_primary.Port}",
            },
        },
        ready: "Ready to accept connections");

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

    private Process Refreshed()
    {
        _process!.Refresh();
        return _process;
    }
}
