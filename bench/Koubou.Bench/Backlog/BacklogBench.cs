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
    private const int Tasks = 20_000;
    private const int Rounds = 5;
    private const int WarmUpRounds = 5;
    private const int FillBatch = 1_000;
    private const int SubmitBatch = 100;
    private const int CallsAtOnce = 4;
    private const double MiB = 1024 * 1024;

    public static IReadOnlyList<string> Engines { get; } = ["sqlite", "redis", "rabbitmq"];

    /// <summary>What the part of a run is called that measures one engine.</summary>
    public static string Part(string engine) => $"backlog-{engine}";

    public static string Name(string engine, string step, bool isLarge) =>
        $"backlog_{engine}_{step}_{(isLarge ? Large : Small)}";

    public static Task RunAsync(Report report, string engine) => engine switch
    {
        "redis" => RunOnRedisAsync(report),
        "rabbitmq" => RunOnRabbitMqAsync(report),
        _ => RunOnSqliteAsync(report),
    };

    private static async Task RunOnSqliteAsync(Report report)
    {
        await using var workshop = await Workshop.OpenAsync(withNode: false);
        await RunAsync(report, "sqlite", workshop, Cost.Of(workshop), "WAL, synchronous=FULL");
    }

    private static async Task RunOnRedisAsync(Report report)
    {
        await using var redis = await RedisServer.StartAsync("everysec");
        await using var workshop = await Workshop.OpenAsync(withNode: false, redis);
        await RunAsync(report, "redis", workshop, Cost.Of(workshop), "AOF everysec");
    }

    private static async Task RunOnRabbitMqAsync(Report report)
    {
        await using var rabbit = await RabbitServer.StartAsync();
        await using var workshop = await Workshop.OpenAsync(withNode: false, redis: null, Workshop.On(rabbit, quorum: true));
        var cost = new Cost(() => workshop.ServerTime + rabbit.ProcessorTime, () => workshop.MemoryBytes + rabbit.MemoryBytes);
        await RunAsync(report, "rabbitmq", workshop, cost, "quorum queue with confirms; records after fsync (SQLite, FULL)");
    }

    private static async Task RunAsync(Report report, string engine, Workshop workshop, Cost cost, string durability)
    {
        await using var node = await PuppetNode.ConnectAsync(workshop);
        await FillAsync(workshop, Small);
        await ReportAsync(isLarge: false);
        var before = cost.Memory();
        await FillAsync(workshop, Large - Small);
        await ReportAsync(isLarge: true);
        report.Add($"backlog_{engine}_memory_per_million", (cost.Memory() - before) / MiB, "MiB", durability);

        async Task ReportAsync(bool isLarge)
        {
            // The compiler has its say, and the heap finds its size, before the first figure.
            for (var round = 0; round < WarmUpRounds; round++)
            {
                await MeasureAsync(workshop, node, cost.Time);
            }

            List<double> submits = [], leases = [];
            for (var round = 0; round < Rounds; round++)
            {
                var (submit, lease) = await MeasureAsync(workshop, node, cost.Time);
                submits.Add(submit);
                leases.Add(lease);
            }

            report.AddMedian(Name(engine, "submit", isLarge), "µs/task", durability, submits);
            report.AddMedian(Name(engine, "lease", isLarge), "µs/task", durability, leases);
        }
    }

    // The backlog is after it what it was before.
    private static async Task<(double Submit, double Lease)> MeasureAsync(Workshop workshop, PuppetNode node, Func<TimeSpan> time)
    {
        var start = time();
        await SubmitAsync(workshop, Tasks, SubmitBatch);
        var submitted = time();
        await node.WorkOffAsync(Tasks);
        var leased = time();
        return ((submitted - start).TotalMicroseconds / Tasks, (leased - submitted).TotalMicroseconds / Tasks);
    }

    private static Task FillAsync(Workshop workshop, int tasks) => SubmitAsync(workshop, tasks, FillBatch);

    private static Task SubmitAsync(Workshop workshop, int tasks, int batch) => Parallel.ForEachAsync(
        Enumerable.Range(0, tasks / batch),
        new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce },
        async (_, cancellation) => await workshop.Client.SubmitAsync(Workshop.Batch(batch), cancellationToken: cancellation));

    // What the scheduler and the server under it take.
    private sealed record Cost(Func<TimeSpan> Time, Func<long> Memory)
    {
        public static Cost Of(Workshop workshop) => new(() => workshop.ServerTime, () => workshop.MemoryBytes);
    }
}
