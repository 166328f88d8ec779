using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>The event log: the newest events in memory, older ones on disk.</summary>
internal sealed class SqliteEventLog(int inMemory, SqliteReader reader) : IEventLog
{
    private readonly TaskEvent[] _ring = new TaskEvent[inMemory];
    private readonly Lock _gate = new();
    private HashSet<TaskCompletionSource> _watchers = [];
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

        HashSet<TaskCompletionSource> reached;
        lock (_gate)
        {
            foreach (var change in events)
            {
                _ring[change.Sequence % _ring.Length] = change;
            }

            _last = events[^1].Sequence;
            _firstInMemory = Math.Max(_firstInMemory, _last - _ring.Length + 1);
            (reached, _watchers) = (_watchers, []);
        }

        foreach (var watcher in reached)
        {
            watcher.TrySetResult();
        }
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
        // One for each who waits: to wait with a token for a task that all share would lead over another thread.
        var watcher = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_last > sequence)
            {
                return;
            }

            _watchers.Add(watcher);
        }

        await using var ending = cancellation.Register(() => Forget(watcher, cancellation));
        await watcher.Task;
    }

    private void Forget(TaskCompletionSource watcher, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }

        watcher.TrySetCanceled(cancellation);
    }
}
