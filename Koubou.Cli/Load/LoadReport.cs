namespace Koubou.Cli.Load;

/// <summary>What a load test measured.</summary>
/// <param name="Batch">The batch of its tasks.</param>
/// <param name="Tasks">How many were asked for.</param>
/// <param name="Concurrency">How many at one time.</param>
/// <param name="Outcomes">How they ended.</param>
/// <param name="Refusals">Submits that were turned away because something was full, and then tried again.</param>
/// <param name="ElapsedSeconds">First request to last answer.</param>
/// <param name="TasksPerSecond">Finished ones over that time.</param>
/// <param name="Simulated">The demo backend answered: this measures the queue, not a model.</param>
/// <param name="SubmitMs">Until a task was safely on disk.</param>
/// <param name="QueuedMs">In the queue.</param>
/// <param name="RanMs">With a craftsman.</param>
/// <param name="WholeMs">From request to answer.</param>
internal sealed record LoadReport(
    string Batch,
    int Tasks,
    int Concurrency,
    IReadOnlyDictionary<string, int> Outcomes,
    int Refusals,
    double ElapsedSeconds,
    double TasksPerSecond,
    bool Simulated,
    Percentiles? SubmitMs,
    Percentiles? QueuedMs,
    Percentiles? RanMs,
    Percentiles? WholeMs)
{
    public bool AllSucceeded => Outcomes.GetValueOrDefault("succeeded") == Tasks;

    public static LoadReport Of(LoadPlan plan, IReadOnlyCollection<LoadSample> samples, int refusals, TimeSpan elapsed)
    {
        var outcomes = samples.CountBy(sample => sample.Outcome).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        if (plan.Tasks - samples.Count is > 0 and var missing)
        {
            outcomes["not_submitted"] = missing;
        }

        var finished = samples.Count(sample => sample.Whole is not null);
        return new LoadReport(
            plan.Batch,
            plan.Tasks,
            plan.Concurrency,
            outcomes,
            refusals,
            Math.Round(elapsed.TotalSeconds, digits: 3),
            Math.Round(finished / Math.Max(elapsed.TotalSeconds, 0.001), digits: 2),
            samples.Any(sample => sample.Simulated),
            Percentiles.Of(samples.Select(sample => (TimeSpan?)sample.Submit)),
            Percentiles.Of(samples.Select(sample => sample.Queued)),
            Percentiles.Of(samples.Select(sample => sample.Ran)),
            Percentiles.Of(samples.Select(sample => sample.Whole)));
    }
}
