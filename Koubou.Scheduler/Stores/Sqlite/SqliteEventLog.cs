using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>The event log: the newest events in memory, older ones on disk.</summary>
internal sealed class SqliteEventLog(int inMemory, SqliteReader reader) : IEventLog
{
    private readonly TaskEvent[] ring = new TaskEvent[inMemory];
    private readonly Lock gate = new();
    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long firstInMemory = 1;
    private long last;

    public long LastSequence => Volatile.Read(ref last);

    /// <summary>Begins after what is on disk.</summary>
    public void StartAfter(long sequence)
    {
        lock (gate)
        {
            last = sequence;
            firstInMemory = sequence + 1;
        }
    }

    /// <summary>Shows events that are on disk to all who watch.</summary>
    public void Publish(IReadOnlyList<TaskEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        TaskCompletionSource reached;
        lock (gate)
        {
            foreach (var change in events)
            {
                ring[change.Sequence % ring.Length] = change;
            }

            last = events[^1].Sequence;
            firstInMemory = Math.Max(firstInMemory, last - ring.Length + 1);
            reached = next;
            next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        reached.TrySetResult();
    }

    public async ValueTask<EventPage> ReadAsync(long fromSequence, int max, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (fromSequence > last)
            {
                return new EventPage([], Gap: false);
            }

            if (fromSequence >= firstInMemory)
            {
                var events = new List<TaskEvent>((int)Math.Min(max, last - fromSequence + 1));
                for (var sequence = fromSequence; sequence <= last && events.Count < max; sequence++)
                {
                    events.Add(ring[sequence % ring.Length]);
                }

                return new EventPage(events, Gap: false);
            }
        }

        return await reader.ReadEventsAsync(fromSequence, max, cancellation);
    }

    public async Task WaitBeyondAsync(long sequence, CancellationToken cancellation)
    {
        Task reached;
        lock (gate)
        {
            if (last > sequence)
            {
                return;
            }

            reached = next.Task;
        }

        await reached.WaitAsync(cancellation);
    }
}
