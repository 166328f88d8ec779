namespace Koubou.Scheduler.Rules;

/// <summary>
/// The order of ready tasks, as numbers that every engine can sort by. Priority first, with ageing; within a priority a
/// fair share for each client; for one client, submission.
/// </summary>
/// <remarks>
/// The share is a round of turns: a client that begins to wait goes to the end of the line of clients, and so does one that
/// has just had a turn. So between two turns of a client each other one has one at most, and a client's single task goes
/// after one task of each other client at most, however many those have waiting. Places are numbers that rise and are
/// given once for each priority; nothing need be remembered of a client that waits for nothing. A task that comes back
/// stands before its client's younger ones.
/// </remarks>
public static class OrderRules
{
    /// <summary>The place of a priority among priorities: the smallest goes first.</summary>
    /// <param name="priority">1 to 10.</param>
    /// <param name="oldest">When the longest waiting task of this priority was submitted, in milliseconds since 1970.</param>
    /// <param name="step">Waiting time that is worth one level of priority.</param>
    public static long Rank(int priority, long oldest, TimeSpan step) => oldest - (priority * (long)step.TotalMilliseconds);

    /// <summary>
    /// Whether tasks of a loaded model no longer go before one that would need another. What counts is not how long that
    /// one has waited, under a backlog all have, but how long it has let others go first. Each of the others may have its
    /// turn before it, so all turns together are bounded by one step of ageing.
    /// </summary>
    /// <param name="oldest">When the task was submitted, in milliseconds since 1970.</param>
    /// <param name="since">Since when the loaded model's tasks go first.</param>
    /// <param name="now">The time of now.</param>
    /// <param name="others">Lanes that wait for other models, one at least.</param>
    /// <param name="options">The delay, and the ageing step.</param>
    public static bool EndsAffinity(long oldest, long since, long now, int others, OrderOptions options) =>
        now - Math.Max(oldest, since)
        > Math.Min(options.AffinityDelay.TotalMilliseconds, options.AgeingStep.TotalMilliseconds / others);
}
