namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// One client's ready tasks of one lane and priority, in the order of submission. A cancelled task stays as a tombstone
/// until it comes to the front.
/// </summary>
internal sealed class ClientLine(ClientShare share)
{
    private readonly SortedRing fresh = new();

    // Tasks that came back: older than what was added since.
    private readonly PriorityQueue<LiveTask, long> returned = new();

    public ClientShare Share => share;

    /// <summary>Has an entry in its level's order of turns.</summary>
    public bool AwaitsTurn { get; set; }

    /// <summary>The key of its valid entry in its level's order of ages; the largest number: it has none.</summary>
    public long AgeKey { get; set; } = long.MaxValue;

    public void Add(LiveTask task)
    {
        if (fresh.Accepts(task))
        {
            fresh.Add(task);
        }
        else
        {
            returned.Enqueue(task, task.Id.Key);
        }
    }

    /// <summary>The task that goes next, or null.</summary>
    public LiveTask? Head()
    {
        while (fresh.Count > 0 && !fresh.First.IsWaiting)
        {
            fresh.TakeFirst();
        }

        while (returned.Count > 0 && !returned.Peek().IsWaiting)
        {
            returned.Dequeue();
        }

        if (returned.Count == 0)
        {
            return fresh.Count == 0 ? null : fresh.First;
        }

        return ReturnedGoesFirst() ? returned.Peek() : fresh.First;
    }

    /// <summary>Takes the task that <see cref="Head"/> showed.</summary>
    public void TakeHead()
    {
        if (ReturnedGoesFirst())
        {
            returned.Dequeue();
        }
        else
        {
            fresh.TakeFirst();
        }
    }

    /// <summary>How many tasks of the line were submitted before this one.</summary>
    public int CountBefore(long key)
    {
        var before = fresh.CountBefore(key);
        foreach (var (_, other) in returned.UnorderedItems)
        {
            before += other < key ? 1 : 0;
        }

        return before;
    }

    private bool ReturnedGoesFirst() =>
        returned.Count > 0 && (fresh.Count == 0 || returned.Peek().Id.Key < fresh.First.Id.Key);
}
