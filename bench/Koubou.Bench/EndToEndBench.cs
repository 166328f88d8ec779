using System.Diagnostics;
using Koubou.Contracts;

namespace Koubou.Bench;

/// <summary>
/// Tasks per second from submit to recorded answer: submitter, scheduler and node are three processes, eight craftsmen
/// that do nothing, priorities on, workers already running.
/// </summary>
internal static class EndToEndBench
{
    private const string OnSqlite = "submit and answer after fsync (WAL, synchronous=FULL)";
    private const string OnRedis = "Redis with AOF everysec";
    private const string OnRabbitMq = "RabbitMQ quorum queue with confirms; records after fsync (SQLite, FULL)";
    private const int BatchSize = 500;
    private const int BatchesAtOnce = 2;
    private const int WarmUpRounds = 2;

    public static async Task RunAsync(BenchSettings settings, Report report)
    {
        await using var workshop = await Workshop.OpenAsync(withNode: true);
        await MeasureAsync(workshop, "end_to_end", OnSqlite, settings, report, []);
    }

    /// <summary>The same on Redis: how its time and ours are shared out.</summary>
    public static async Task RunOnRedisAsync(BenchSettings settings, Report report)
    {
        await using var redis = await RedisServer.StartAsync("everysec");
        await using var workshop = await Workshop.OpenAsync(withNode: true, redis);
        await MeasureAsync(workshop, "end_to_end_redis", OnRedis, settings, report, [("redis", () => redis.ProcessorTime)]);
    }

    /// <summary>The same on RabbitMQ.</summary>
    public static async Task RunOnRabbitMqAsync(BenchSettings settings, Report report)
    {
        await using var rabbit = await RabbitServer.StartAsync();
        await using var workshop = await Workshop.OpenAsync(withNode: true, redis: null, Workshop.On(rabbit, quorum: true));
        await MeasureAsync(
            workshop, "end_to_end_rabbitmq", OnRabbitMq, settings, report, [("rabbitmq", () => rabbit.ProcessorTime)]);
    }

    private static async Task MeasureAsync(
        Workshop workshop, string name, string durability, BenchSettings settings, Report report,
        IEnumerable<(string Process, Func<TimeSpan> Used)> servers)
    {
        (string Process, Func<TimeSpan> Used)[] processes = [.. workshop.Meters, .. servers];
        for (var round = 0; round < WarmUpRounds; round++)
        {
            await RunOnceAsync(workshop, settings.Tasks / 2, priorities: true);
        }

        var before = processes.Select(each => each.Used()).ToList();
        report.Add(name, await RunOnceAsync(workshop, settings.Tasks, priorities: true), "tasks/s", durability);

        // Tells where the work is, even on a machine that has more to do.
        foreach (var ((process, used), start) in processes.Zip(before))
        {
            report.Add($"{name}_cpu_{process}", (used() - start).TotalMicroseconds / settings.Tasks, "µs/task", durability);
        }
    }

    /// <summary>Tasks per second of one run.</summary>
    public static async Task<double> RunOnceAsync(Workshop workshop, int tasks, bool priorities)
    {
        var status = await workshop.Client.GetStatusAsync(new StatusRequest());
        var batches = Enumerable.Range(0, tasks / BatchSize).Select(_ => Workshop.Batch(BatchSize, priorities)).ToList();
        var start = Stopwatch.GetTimestamp();
        var done = workshop.WaitForSuccessesAsync(batches.Count * BatchSize, status.LastSequence + 1);
        await Parallel.ForEachAsync(
            batches,
            new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce },
            async (batch, cancellation) => await workshop.Client.SubmitAsync(batch, cancellationToken: cancellation));
        await done;
        return batches.Count * BatchSize / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
