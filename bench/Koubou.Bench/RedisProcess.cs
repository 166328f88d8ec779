using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace Koubou.Bench;

/// <summary>The redis-server of this machine on a free port, with an append-only file that is not rewritten meanwhile.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("koubou-bench-redis-");
    private readonly Process _process;

    private RedisProcess(string fsync)
    {
        Fsync = fsync;
        _process = Process.Start(new ProcessStartInfo("redis-server")
        {
            ArgumentList =
            {
                "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--dir", _folder.FullName,
                "--save", "", "--appendonly", "yes", "--appendfsync", fsync, "--auto-aof-rewrite-percentage", "0",
            },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException("redis-server did not start.");
    }

    /// <summary>What its <c>appendfsync</c> says.</summary>
    public string Fsync { get; }

    public int Port { get; } = Workshop.FreePort();

    public string Address => $"127.0.0.1:{Port}";

    public TimeSpan ProcessorTime => Refreshed().TotalProcessorTime;

    public long MemoryBytes => Refreshed().WorkingSet64;

    public static async Task<RedisProcess> StartAsync(string fsync = "everysec")
    {
        var redis = new RedisProcess(fsync);
        while (await redis._process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = redis._process.StandardOutput.ReadToEndAsync();
                return redis;
            }
        }

        throw new InvalidOperationException("redis-server ended at its start. Is it installed? ./test.sh does that.");
    }

    /// <summary>What it says that its data take.</summary>
    public async Task<long> ReadUsedMemoryAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Address},allowAdmin=true");
        var facts = await connection.GetServers()[0].InfoAsync("memory");
        return long.Parse(
            facts.SelectMany(section => section).Single(fact => fact.Key == "used_memory").Value, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private Process Refreshed()
    {
        _process.Refresh();
        return _process;
    }
}
