namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>All ready tasks, in lanes. Priority first, then submission. Guarded by the store's gate.</summary>
internal sealed class ReadyQueue
{
    private const int Priorities = 11;

    private readonly Dictionary<LaneKey, Lane> lanes = [];
    private readonly List<Lane> fitting = [];
    private readonly int[] countByPriority = new int[Priorities];

    public int Count { get; private set; }

    public void Add(LiveTask task)
    {
        if (!lanes.TryGetValue(task.Lane, out var lane))
        {
            lane = new Lane(task.Lane);
            lanes.Add(task.Lane, lane);
        }

        lane.Add(task);
        countByPriority[task.Priority]++;
        Count++;
    }

    /// <summary>Counts a task out that will not be taken any more; its tombstone goes when it comes to the front.</summary>
    public void Forget(LiveTask task)
    {
        countByPriority[task.Priority]--;
        Count--;
    }

    /// <summary>Takes up to so many tasks whose requirements fit, best first.</summary>
    public void Take(Func<LaneKey, bool> fits, int max, List<LiveTask> taken)
    {
        if (Count == 0)
        {
            return;
        }

        fitting.Clear();
        foreach (var lane in lanes.Values)
        {
            if (lane.Peek() is null)
            {
                // Removing while enumerating is allowed for a dictionary.
                lanes.Remove(lane.Key);
            }
            else if (fits(lane.Key))
            {
                fitting.Add(lane);
            }
        }

        while (taken.Count < max && Best() is var (lane, task))
        {
            lane.Take(task);
            Forget(task);
            taken.Add(task);
        }
    }

    /// <summary>How many tasks go before this one, if nothing new comes: 1 is next.</summary>
    public long PositionOf(LiveTask task)
    {
        long before = 0;
        for (var priority = task.Priority + 1; priority < Priorities; priority++)
        {
            before += countByPriority[priority];
        }

        foreach (var lane in lanes.Values)
        {
            before += lane.CountBefore(task);
        }

        return before + 1;
    }

    public void Clear()
    {
        lanes.Clear();
        Array.Clear(countByPriority);
        Count = 0;
    }

    /// <summary>The same for a task that was just added: the last of its priority, unless older ones came back.</summary>
    public long RoughPositionOf(LiveTask task)
    {
        long before = 0;
        for (var priority = task.Priority; priority < Priorities; priority++)
        {
            before += countByPriority[priority];
        }

        return before;
    }

    private (Lane Lane, LiveTask Task)? Best()
    {
        (Lane Lane, LiveTask Task)? best = null;
        foreach (var lane in fitting)
        {
            if (lane.Peek() is { } task && (best is null || GoesBefore(task, best.Value.Task)))
            {
                best = (lane, task);
            }
        }

        return best;
    }

    private static bool GoesBefore(LiveTask left, LiveTask right) => left.Priority != right.Priority
        ? left.Priority > right.Priority
        : left.Id.Key < right.Id.Key;
}
