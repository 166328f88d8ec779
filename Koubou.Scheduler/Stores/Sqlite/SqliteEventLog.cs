using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>The event log: the newest events in memory, older ones on disk.</summary>
internal sealed class SqliteEventLog(int inMemory, SqliteReader reader) : IEventLog
{
    private readonly TaskEvent[] _ring = new TaskEvent[inMemory];
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _firstInMemory = 1;
    private long _last;

    public long LastSequence => Volatile.Read(ref _last);

    /// <summary>Begins after what is on disk.</summary>
    public void StartAfter(long sequence)
    {
        lock (_gate)
        {
            _last = sequence;
            _firstInMemory = sequence + 1;
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
        lock (_gate)
        {
            foreach (var change in events)
            {
                _ring[change.Sequence % _ring.Length] = change;
            }

            _last = events[^1].Sequence;
            _firstInMemory = Math.Max(_firstInMemory, _last - _ring.Length + 1);
            reached = _next;
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        reached.TrySetResult();
    }

    public async ValueTask<EventPage> ReadAsync(long fromSequence, int max, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (fromSequence > _last)
            {
                return new EventPage([], Gap: false);
            }

            if (fromSequence >= _firstInMemory)
            {
                var events = new List<TaskEvent>((int)Math.Min(max, _last - fromSequence + 1));
                for (var sequence = fromSequence; sequence <= _last && events.Count < max; sequence++)
                {
                    events.Add(_ring[sequence % _ring.Length]);
                }

                return new EventPage(events, Gap: false);
            }
        }

        return await reader.ReadEventsAsync(fromSequence, max, cancellation);
    }

    public async Task WaitBeyondAsync(long sequence, CancellationToken cancellation)
    {
        Task reached;
        lock (_gate)
        {
            if (_last > sequence)
            {
                return;
            }

            reached = _next.Task;
        }

        await reached.WaitAsync(cancellation);
    }
}
