using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// Ready tasks with equal requirements: by priority, then by submission. A cancelled task stays as a tombstone until it
/// comes to the front.
/// </summary>
internal sealed class Lane(LaneKey key)
{
    private const int Priorities = 11;

    private readonly Level?[] levels = new Level?[Priorities];

    // Bit N is set while level N may hold tasks.
    private int occupied;

    public LaneKey Key { get; } = key;

    public void Add(LiveTask task)
    {
        var level = levels[task.Priority] ??= new Level();
        level.Add(task);
        occupied |= 1 << task.Priority;
    }

    /// <summary>The task that goes next, or null.</summary>
    public LiveTask? Peek()
    {
        while (occupied != 0)
        {
            var priority = 31 - int.LeadingZeroCount(occupied);
            if (levels[priority]!.Peek() is { } task)
            {
                return task;
            }

            occupied &= ~(1 << priority);
        }

        return null;
    }

    /// <summary>Takes the task that <see cref="Peek"/> showed.</summary>
    public void Take(LiveTask task) => levels[task.Priority]!.Take();

    public int CountBefore(LiveTask task) => levels[task.Priority]?.CountBefore(task.Id.Key) ?? 0;

    private sealed class Level
    {
        private readonly SortedRing fresh = new();

        // Tasks that came back: older than what was added since.
        private readonly PriorityQueue<LiveTask, long> returned = new();

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

        public LiveTask? Peek()
        {
            while (fresh.Count > 0 && fresh.First.State != TaskState.Queued)
            {
                fresh.TakeFirst();
            }

            while (returned.Count > 0 && returned.Peek().State != TaskState.Queued)
            {
                returned.Dequeue();
            }

            if (returned.Count == 0)
            {
                return fresh.Count == 0 ? null : fresh.First;
            }

            return ReturnedGoesFirst() ? returned.Peek() : fresh.First;
        }

        public void Take()
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
}
