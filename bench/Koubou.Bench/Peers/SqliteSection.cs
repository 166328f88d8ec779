using Koubou.Bench.Raw;

namespace Koubou.Bench.Peers;

/// <summary>SQLite with an fsync before each answer, beside raw SQLite and beside BullMQ on two kinds of Redis.</summary>
internal static class SqliteSection
{
    private const string Durability = "every answer after fsync (WAL, synchronous=FULL)";

    // Of a raw lifecycle.
    private const double CommitsEach = 3;

    public static async Task<Comparison> RunAsync(BenchSettings settings, Report report)
    {
        await using var redisEverySecond = await RedisServer.StartAsync("everysec");
        await using var redisAlways = await RedisServer.StartAsync("always");
        await using var everySecond = await BullMq.StartAsync(redisEverySecond);
        await using var always = await BullMq.StartAsync(redisAlways);
        await using var ours = new Ours("sqlite", Durability, await Workshop.OpenAsync(withNode: true));
        var race = new Race(report, ours, everySecond, always);
        var alone = new Race(report, ours);
        await race.WarmUpAsync(settings.Part(1));

        var tasks = settings.Part(1);
        var comparison = new Comparison($"SQLite ({Durability})");
        var endToEnd = await race.RunAsync("end_to_end", each => each.RunEndToEndAsync(2 * tasks, priorities: false));
        var lifecycle = await report.AddMedianAsync(
            "raw_sqlite_lifecycle_100", "tasks/s", Durability, () => Task.Run(() => RawSqlite.Lifecycle(groups: 300, size: 100)));
        comparison.Add("end to end", endToEnd[0], "BullMQ, everysec", endToEnd[1], "tasks/s", atLeast: 2);
        comparison.Add("end to end", endToEnd[0], "BullMQ, always", endToEnd[2], "tasks/s", atLeast: 4);
        comparison.Add("end to end", endToEnd[0], "raw lifecycle, groups of 100", lifecycle, "tasks/s", atLeast: 0.85);
        await Measurements.PrioritiesAsync(alone, comparison, 2 * tasks);

        var filled = await Measurements.FillAndDrainAsync(race, tasks);
        var insert = await report.AddMedianAsync(
            "raw_sqlite_insert_100", "tasks/s", Durability, () => Task.Run(() => RawSqlite.Insert(groups: 300, size: 100)));
        comparison.Add("batch submit", filled.Submit[0], "raw insert, groups of 100", insert, "tasks/s", atLeast: 0.85);
        comparison.Add("batch submit", filled.Submit[0], "BullMQ, everysec", filled.Submit[1], "tasks/s");
        comparison.Add("drain", filled.Drain[0], "BullMQ, everysec", filled.Drain[1], "tasks/s");
        comparison.Add("drain", filled.Drain[0], "BullMQ, always", filled.Drain[2], "tasks/s");

        await Measurements.SinglesAsync(race, comparison, "BullMQ, everysec", eightAtLeast: 4);
        var (p50, p99) = await Measurements.IdleAsync(race, comparison, p50AtMost: 0.4, "BullMQ, everysec", "BullMQ, always");
        var commit = await report.AddMedianAsync(
            "raw_sqlite_commit_of_1", "ms", Durability, () => Task.Run(() => 1_000 / CommitsEach / RawSqlite.Lifecycle(500, 1)));
        comparison.Add("idle latency, p50", p50, "raw commit of one row", commit, "ms");
        comparison.Add("idle latency, p99", p99, "ms", atMost: 2);
        return comparison;
    }
}
