using System.Globalization;
using Koubou.Bench.Raw;
using StackExchange.Redis;

namespace Koubou.Bench.Peers;

/// <summary>Ours on Redis beside BullMQ, on one and the same server.</summary>
internal static class RedisSection
{
    private const int MemoryTasks = 100_000;
    private const double MiB = 1024 * 1024;

    public static async Task<Comparison> RunAsync(string fsync, BenchSettings settings, Report report)
    {
        var durability = $"Redis with AOF {fsync}";
        await using var redis = await RedisServer.StartAsync(fsync);
        await using var bullMq = await BullMq.StartAsync(redis);
        await using var ours = new Ours(
            $"redis_{fsync}", durability, await Workshop.OpenAsync(withNode: true, redis));
        var race = new Race(report, ours, bullMq);
        await race.WarmUpAsync(settings.Part(1));

        var comparison = new Comparison(durability);
        var tasks = settings.Part(1);
        var (endToEnd, serverTime) = await MeasureEndToEndAsync(race, redis, tasks);
        comparison.Add("end to end", endToEnd[0], "BullMQ", endToEnd[1], "tasks/s", atLeast: 2);
        comparison.Add("the server's processor time for it", serverTime[0], "BullMQ", serverTime[1], "µs/task");
        var withPriorities = await race.RunAsync(
            "end_to_end_priorities", each => each.RunEndToEndAsync(tasks, priorities: true));
        comparison.Add("end to end, ten priorities", withPriorities[0], "BullMQ, ten priorities", withPriorities[1], "tasks/s");
        await using (var store = await RawRedisStore.OpenAsync(redis))
        {
            await store.LifecycleAsync(tasks);
            var lifecycle = await report.AddMedianAsync(
                $"raw_redis_{fsync}_store_lifecycle_100", "tasks/s", durability, () => store.LifecycleAsync(tasks));
            comparison.Add("end to end", endToEnd[0], "our functions alone, groups of 100", lifecycle, "tasks/s");
        }

        var filled = await Measurements.FillAndDrainAsync(race, tasks);
        comparison.Add("drain", filled.Drain[0], "BullMQ", filled.Drain[1], "tasks/s", atLeast: 2);
        comparison.Add("batch submit", filled.Submit[0], "BullMQ", filled.Submit[1], "tasks/s");
        await Measurements.SinglesAsync(race, comparison, "BullMQ");
        await Measurements.IdleAsync(race, comparison, p50AtMost: null, "BullMQ");
        if (fsync == "everysec")
        {
            var memory = new List<double>();
            foreach (var each in (IContestant[])[ours, bullMq])
            {
                var before = await ReadUsedMemoryAsync(redis);
                await each.SubmitBatchesAsync(MemoryTasks);
                memory.Add((await ReadUsedMemoryAsync(redis) - before) / MiB * 1_000_000 / MemoryTasks);
                report.Add($"{each.Name}_memory_per_million", memory[^1], $"MiB, from {MemoryTasks}", durability);
            }

            comparison.Add("memory of a million waiting, from 100,000", memory[0], "BullMQ", memory[1], "MiB");
        }

        return comparison;
    }

    // What it says that its data take.
    private static async Task<long> ReadUsedMemoryAsync(RedisServer redis)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true");
        var facts = await connection.GetServers()[0].InfoAsync("memory");
        return long.Parse(
            facts.SelectMany(section => section).Single(fact => fact.Key == "used_memory").Value, CultureInfo.InvariantCulture);
    }

    // The server's processor time tells what its functions cost, whatever else the machine does.
    private static async Task<(double[] Rates, double[] ServerTimes)> MeasureEndToEndAsync(
        Race race, RedisServer redis, int tasks)
    {
        var medians = await race.RunAsync([new("end_to_end"), new("end_to_end_server_time", "µs/task")], async each =>
        {
            var before = redis.ProcessorTime;
            var rate = await each.RunEndToEndAsync(tasks, priorities: false);
            return [rate, (redis.ProcessorTime - before).TotalMicroseconds / tasks];
        });
        return (medians[0], medians[1]);
    }
}
