namespace Koubou.Scheduler.Rules;

/// <summary>
/// The order of ready tasks, as numbers that every engine can sort by. Priority first, with ageing; within a priority a
/// fair share for each client; for one client, submission.
/// </summary>
/// <remarks>
/// The share is start-time fair queueing (Goyal, Vin, Cheng 1996) with a cost of one for each task: the tag of a client's
/// next task is one more than the later of the client's last taken tag and the highest tag that was taken at all. A
/// client's single task thus goes after one task of each other client, however many those have waiting; a task that comes
/// back stands before its client's younger ones.
/// </remarks>
public static class OrderRules
{
    /// <summary>The place of a priority among priorities: the smallest goes first.</summary>
    /// <param name="priority">1 to 10.</param>
    /// <param name="oldest">When the longest waiting task of this priority was submitted, in milliseconds since 1970.</param>
    /// <param name="step">Waiting time that is worth one level of priority.</param>
    public static long Rank(int priority, long oldest, TimeSpan step) => oldest - (priority * (long)step.TotalMilliseconds);

    /// <summary>The tag of a client's next task: the smallest goes first within a priority.</summary>
    /// <param name="clientTag">The client's last taken tag of this priority; 0: none.</param>
    /// <param name="takenTag">The highest tag that was taken from this priority.</param>
    public static long NextTag(long clientTag, long takenTag) => Math.Max(clientTag, takenTag) + 1;

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
