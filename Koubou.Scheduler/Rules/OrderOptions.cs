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
    /// For so long at most, the tasks of one model go before others of their priority on a node that has it loaded, because
    /// loading a model costs more than most tasks; then the next model has its turn. Where many models wait, turns are
    /// shorter, so that none waits for more than one <see cref="AgeingStep"/>. From 0 (never) to 1 hour. Default: 30
    /// seconds.
    /// </summary>
    public TimeSpan AffinityDelay { get; set; } = TimeSpan.FromSeconds(30);
}
