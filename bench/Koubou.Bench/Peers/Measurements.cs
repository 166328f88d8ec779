namespace Koubou.Bench.Peers;

/// <summary>What each section measures in the same way.</summary>
internal static class Measurements
{
    private const int SinglesOfOne = 1_000;
    private const int SinglesOfEach = 250;
    private const int IdleRounds = 1_000;
    private const int PriorityRounds = 5;

    /// <summary>A queue that is filled in batches while nobody works, and then worked off.</summary>
    public static async Task<(double[] Submit, double[] Drain)> FillAndDrainAsync(Race race, int tasks)
    {
        var medians = await race.RunAsync(
            [new("submit_batch"), new("drain")], async each => [await each.SubmitBatchesAsync(tasks), await each.DrainAsync()]);
        return (medians[0], medians[1]);
    }

    /// <summary>Submits one at a time, by one client and by eight.</summary>
    /// <param name="race">Ours first.</param>
    /// <param name="comparison">Where it goes.</param>
    /// <param name="against">The other.</param>
    /// <param name="eightAtLeast">How many times as much eight clients should bring as one.</param>
    public static async Task SinglesAsync(Race race, Comparison comparison, string against, double? eightAtLeast = null)
    {
        var medians = await race.RunAsync([new("submit_1_client"), new("submit_8_clients")], async each =>
        {
            double[] rates = [await each.SubmitSinglesAsync(1, SinglesOfOne), await each.SubmitSinglesAsync(8, SinglesOfEach)];
            await each.DrainAsync();
            return rates;
        });
        comparison.Add("single submits, one client", medians[0][0], against, medians[0][1], "tasks/s");
        comparison.Add("single submits, eight clients", medians[1][0], against, medians[1][1], "tasks/s");
        comparison.Add("single submits, eight clients", medians[1][0], "our one client", medians[0][0], "tasks/s", eightAtLeast);
    }

    /// <summary>From the call of submit to the start of the work.</summary>
    /// <param name="race">Ours first.</param>
    /// <param name="comparison">Where it goes.</param>
    /// <param name="p50AtMost">The ratio of the medians that is aimed at.</param>
    /// <param name="against">The others.</param>
    /// <returns>Ours.</returns>
    public static async Task<Milliseconds> IdleAsync(
        Race race, Comparison comparison, double? p50AtMost, params IReadOnlyList<string> against)
    {
        var medians = await race.RunAsync(
            [new("idle_latency_p50", "ms"), new("idle_latency_p99", "ms")],
            async each =>
            {
                var idle = await each.MeasureIdleAsync(IdleRounds);
                return [idle.P50, idle.P99];
            });
        for (var number = 0; number < against.Count; number++)
        {
            comparison.Add(
                "idle latency, p50", medians[0][0], against[number], medians[0][number + 1], "ms", atMost: p50AtMost);
            comparison.Add("idle latency, p99", medians[1][0], against[number], medians[1][number + 1], "ms");
        }

        return new Milliseconds(medians[0][0], medians[1][0]);
    }

    /// <summary>What ten priorities cost, beside one for all, in turns.</summary>
    public static async Task PrioritiesAsync(Race ours, Comparison comparison, int tasks)
    {
        var medians = await ours.RunAsync(
            [new("end_to_end_one_priority"), new("end_to_end_ten_priorities")],
            async each =>
            [
                await each.RunEndToEndAsync(tasks, priorities: false),
                await each.RunEndToEndAsync(tasks, priorities: true),
            ],
            PriorityRounds);
        comparison.Add(
            "end to end, ten priorities", medians[1][0], "our one priority", medians[0][0], "tasks/s", atLeast: 0.97);
    }
}
