namespace Koubou.Scheduler.Tasks;

/// <summary>Hands out task ids whose keys always rise, even when the clock steps back or a process restarts.</summary>
public sealed class TaskIdSource(TimeProvider time)
{
    private long _lastKey;

    /// <summary>Every later key will be greater than this one; called with the newest key on disk.</summary>
    public void StartAfter(long key) => _lastKey = Math.Max(_lastKey, key);

    /// <summary>A fresh id. Safe to call from many threads.</summary>
    public TaskId Next()
    {
        var now = TaskId.FirstKeyOf(time.GetUtcNow().ToUnixTimeMilliseconds());
        while (true)
        {
            var last = Volatile.Read(ref _lastKey);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _lastKey, next, last) == last)
            {
                return TaskId.WithKey(next);
            }
        }
    }
}
