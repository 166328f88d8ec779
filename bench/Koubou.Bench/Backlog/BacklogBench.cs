using System.Diagnostics;
using Koubou.Contracts;

namespace Koubou.Bench.Backlog;

/// <summary>
/// What a submit and a lease cost with a million tasks waiting, beside what they cost with a thousand. The cost is
/// processor time of the scheduler and of the server under it, which other programs of the machine do not change.
/// </summary>
internal static class BacklogBench
{
    private const int Small = 1_000;
    private const int Large = 1_000_000;
    private const int Tasks = 40_000;
    private const int FillBatch = 1_000;
    private const int SubmitBatch = 100;
    private const int CallsAtOnce = 4;
    private const double MiB = 1024 * 1024;

    public static IReadOnlyList<string> Engines { get; } = ["sqlite", "redis"];

    public static string Name(string engine, string step, bool isLarge) =>
        $"backlog_{engine}_{step}_{(isLarge ? Large : Small)}";

    public static async Task RunAsync(Report report)
    {
        await RunAsync(report, "sqlite", redis: null, "WAL, synchronous=FULL");
        await using var redis = await RedisServer.StartAsync("everysec");
        await RunAsync(report, "redis", redis, "AOF everysec");
    }

    private static async Task RunAsync(Report report, string engine, RedisServer? redis, string durability)
    {
        await using var workshop = await Workshop.OpenAsync(withNode: false, redis);
        await using var node = await PuppetNode.ConnectAsync(workshop);
        await FillAsync(workshop, Small);

        // The compiler has its say before the first figure.
        await MeasureAsync(workshop, node);
        var before = workshop.MemoryBytes;
        await ReportAsync(isLarge: false);
        await FillAsync(workshop, Large - Small);
        await ReportAsync(isLarge: true);
        report.Add($"backlog_{engine}_memory_per_million", (workshop.MemoryBytes - before) / MiB, "MiB", durability);

        async Task ReportAsync(bool isLarge)
        {
            var (submit, lease) = await MeasureAsync(workshop, node);
            report.Add(Name(engine, "submit", isLarge), submit, "µs/task", durability);
            report.Add(Name(engine, "lease", isLarge), lease, "µs/task", durability);
        }
    }

    // The backlog is after it what it was before.
    private static async Task<(double Submit, double Lease)> MeasureAsync(Workshop workshop, PuppetNode node)
    {
        var start = workshop.ServerTime;
        await SubmitAsync(workshop, Tasks, SubmitBatch);
        var submitted = workshop.ServerTime;
        await node.WorkOffAsync(Tasks);
        var leased = workshop.ServerTime;
        return ((submitted - start).TotalMicroseconds / Tasks, (leased - submitted).TotalMicroseconds / Tasks);
    }

    private static Task FillAsync(Workshop workshop, int tasks) => SubmitAsync(workshop, tasks, FillBatch);

    private static Task SubmitAsync(Workshop workshop, int tasks, int batch) => Parallel.ForEachAsync(
        Enumerable.Range(0, tasks / batch),
        new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce },
        async (_, cancellation) => await workshop.Client.SubmitAsync(Workshop.Batch(batch), cancellationToken: cancellation));
}
