namespace Koubou.Bench.Peers;

/// <summary>
/// The same measurement with each contestant in turn, several times over, so that what else the machine does meets all of
/// them. What counts is the median.
/// </summary>
internal sealed class Race(Report report, params IReadOnlyList<IContestant> contestants)
{
    private const int Rounds = 3;
    private const int WarmUpRounds = 3;

    /// <summary>The compilers of all of them have their say before the first figure.</summary>
    public async Task WarmUpAsync(int tasks)
    {
        foreach (var contestant in contestants)
        {
            for (var round = 0; round < WarmUpRounds; round++)
            {
                await contestant.RunEndToEndAsync(tasks, priorities: false);
            }

            await contestant.SubmitBatchesAsync(tasks);
            await contestant.DrainAsync();
        }
    }

    /// <summary>The medians, in the order of the contestants.</summary>
    public async Task<double[]> RunAsync(string figure, Func<IContestant, Task<double>> measure) =>
        (await RunAsync([new(figure)], async contestant => [await measure(contestant)]))[0];

    /// <summary>Several figures of one measurement.</summary>
    /// <returns>For each figure the medians, in the order of the contestants.</returns>
    public async Task<double[][]> RunAsync(
        IReadOnlyList<Figure> figures, Func<IContestant, Task<double[]>> measure, int rounds = Rounds)
    {
        var samples = contestants.Select(_ => figures.Select(_ => new List<double>()).ToArray()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var number = 0; number < contestants.Count; number++)
            {
                var values = await measure(contestants[number]);
                for (var figure = 0; figure < figures.Count; figure++)
                {
                    samples[number][figure].Add(values[figure]);
                }
            }
        }

        var medians = figures.Select(_ => new double[contestants.Count]).ToArray();
        for (var number = 0; number < contestants.Count; number++)
        {
            for (var figure = 0; figure < figures.Count; figure++)
            {
                medians[figure][number] = report.AddMedian(
                    $"{contestants[number].Name}_{figures[figure].Name}", figures[figure].Unit, contestants[number].Durability,
                    samples[number][figure]);
            }
        }

        return medians;
    }
}

/// <summary>What is measured, and in what.</summary>
internal readonly record struct Figure(string Name, string Unit = "tasks/s");
