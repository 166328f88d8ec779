namespace Koubou.Scheduler.Rules;

/// <summary>Which ready task goes first. Section <c>Queue:Order</c>.</summary>
public sealed class OrderOptions
{
    public const string Section = "Queue:Order";

    /// <summary>
    /// A task gains one level of priority each time it has waited so long, so that low priority never starves. From 1
    /// second to 1 day. Default: 5 minutes.
    /// </summary>
    public TimeSpan AgeingStep { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// For so long at most, a task lets others of its priority go first on a node that has their model loaded already,
    /// because loading a model costs more than most tasks. From 0 (never) to 1 hour. Default: 30 seconds.
    /// </summary>
    public TimeSpan AffinityDelay { get; set; } = TimeSpan.FromSeconds(30);
}
