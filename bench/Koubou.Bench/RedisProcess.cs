using System.Diagnostics;
using System.Globalization;

namespace Koubou.Bench;

/// <summary>The redis-server of this machine on a free port, with an append-only file and <c>everysec</c>.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("koubou-bench-redis-");
    private readonly int _port = Workshop.FreePort();
    private readonly Process _process;

    private RedisProcess() => _process = Process.Start(new ProcessStartInfo("redis-server")
    {
        ArgumentList =
        {
            "--bind", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--dir", _folder.FullName,
            "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
        },
        RedirectStandardOutput = true,
        UseShellExecute = false,
    }) ?? throw new InvalidOperationException("redis-server did not start.");

    public string Address => $"127.0.0.1:{_port}";

    public TimeSpan ProcessorTime => Refreshed().TotalProcessorTime;

    public long MemoryBytes => Refreshed().WorkingSet64;

    public static async Task<RedisProcess> StartAsync()
    {
        var redis = new RedisProcess();
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
