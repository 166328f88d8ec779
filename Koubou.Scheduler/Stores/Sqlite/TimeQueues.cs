using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// What happens by the clock: retries that come due, leases that run out, deadlines that pass. Entries of tasks that
/// moved on stay until their time, and are skipped then. Guarded by the store's gate.
/// </summary>
internal sealed class TimeQueues
{
    private readonly PriorityQueue<LiveTask, long> _due = new();
    private readonly PriorityQueue<LiveTask, long> _deadlines = new();
    private readonly PriorityQueue<(LiveTask Task, ulong Token), long> _leases = new();

    public void AddDue(LiveTask task) => _due.Enqueue(task, task.DueAt);

    public void AddDeadline(LiveTask task) => _deadlines.Enqueue(task, task.DeadlineAt);

    public void AddLease(LiveTask task) => _leases.Enqueue((task, task.LeaseToken), task.LeaseUntil);

    /// <summary>A scheduled task whose time has come, or null.</summary>
    public LiveTask? TakeDue(long now)
    {
        while (_due.TryPeek(out var task, out var at) && at <= now)
        {
            _due.Dequeue();
            if (task.State == TaskState.Scheduled && task.DueAt == at)
            {
                return task;
            }
        }

        return null;
    }

    /// <summary>A live task whose deadline has passed, or null.</summary>
    public LiveTask? TakeOverdue(long now)
    {
        while (_deadlines.TryPeek(out var task, out var at) && at <= now)
        {
            _deadlines.Dequeue();
            if (!task.State.IsFinal())
            {
                return task;
            }
        }

        return null;
    }

    /// <summary>A running task whose lease ran out, or null.</summary>
    public LiveTask? TakeLapsed(long now)
    {
        while (_leases.TryPeek(out var entry, out var until) && until <= now)
        {
            _leases.Dequeue();
            var (task, token) = entry;
            if (task.State != TaskState.Running || task.LeaseToken != token)
            {
                continue;
            }

            if (task.LeaseUntil <= now)
            {
                return task;
            }

            // Renewed since: look again when it would run out now.
            _leases.Enqueue(entry, task.LeaseUntil);
        }

        return null;
    }

    public void Clear()
    {
        _due.Clear();
        _deadlines.Clear();
        _leases.Clear();
    }
}
