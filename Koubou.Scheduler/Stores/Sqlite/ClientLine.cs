namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// One client's ready tasks of one lane and priority, in the order of submission. A cancelled task stays as a tombstone
/// until it comes to the front.
/// </summary>
internal sealed class ClientLine(ClientShare share)
{
    private readonly SortedRing _fresh = new();

    // Tasks that came back: older than what was added since.
    private readonly PriorityQueue<LiveTask, long> _returned = new();
    private long _returnedNewest;

    public ClientShare Share => share;

    /// <summary>Has an entry in its level's order of turns.</summary>
    public bool AwaitsTurn { get; set; }

    /// <summary>The key of its valid entry in its level's order of ages; the largest number: it has none.</summary>
    public long AgeKey { get; set; } = long.MaxValue;

    public void Add(LiveTask task)
    {
        if (!_fresh.TryAdd(task))
        {
            _returnedNewest = _returned.Count == 0 ? task.Id.Key : Math.Max(_returnedNewest, task.Id.Key);
            _returned.Enqueue(task, task.Id.Key);
        }
    }

    /// <summary>The task that goes next, or null.</summary>
    public LiveTask? Head()
    {
        while (_fresh.Count > 0 && !_fresh.First.IsWaiting)
        {
            _fresh.TakeFirst();
        }

        while (_returned.Count > 0 && !_returned.Peek().IsWaiting)
        {
            _returned.Dequeue();
        }

        if (_returned.Count == 0)
        {
            return _fresh.Count == 0 ? null : _fresh.First;
        }

        return ReturnedGoesFirst() ? _returned.Peek() : _fresh.First;
    }

    /// <summary>Takes the task that <see cref="Head"/> showed.</summary>
    public void TakeHead()
    {
        if (ReturnedGoesFirst())
        {
            _returned.Dequeue();
        }
        else
        {
            _fresh.TakeFirst();
        }
    }

    /// <summary>How many tasks of the line were submitted before this one.</summary>
    public int CountBefore(long key)
    {
        var before = _fresh.CountBefore(key);
        if (key > _returnedNewest)
        {
            // As for every new task, however many came back.
            return before + _returned.Count;
        }

        foreach (var (_, other) in _returned.UnorderedItems)
        {
            before += other < key ? 1 : 0;
        }

        return before;
    }

    private bool ReturnedGoesFirst() =>
        _returned.Count > 0 && (_fresh.Count == 0 || _returned.Peek().Id.Key < _fresh.First.Id.Key);
}
