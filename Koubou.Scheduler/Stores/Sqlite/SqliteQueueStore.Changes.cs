using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Rules;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    // Changes of finished tasks read the disk first; one at a time, so that each sees what the last one wrote.
    private readonly SemaphoreSlim _finishedChanges = new(1);

    public async Task<IReadOnlyList<ChangeResult>> CancelAsync(
        IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        EnsureSound();
        var results = new ChangeResult[ids.Count];
        Task? committed = null;
        lock (_gate)
        {
            ThrowIfBroken();
            var at = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
            TellAfter(at, () =>
            {
                for (var index = 0; index < ids.Count; index++)
                {
                    if (Find(ids[index]) is { } task && Transitions.CanCancel(task.State))
                    {
                        Stop(task, TaskState.Cancelled, at);
                        results[index] = Changed(ids[index], TaskState.Cancelled);
                        committed = CommitSoon();
                    }
                }
            });
        }

        if (committed is not null)
        {
            await committed;
        }

        for (var index = 0; index < ids.Count; index++)
        {
            results[index] ??= await RefusalAsync(ids[index], cancellation);
        }

        return results;
    }

    public Task<IReadOnlyList<ChangeResult>> RetryAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        ChangeFinishedAsync(ids, Transitions.CanRetry, Requeue, keepNeeded: false, cancellation);

    public Task<IReadOnlyList<ChangeResult>> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        ChangeFinishedAsync(ids, Transitions.CanDelete, Remove, keepNeeded: true, cancellation);

    // Ends a live task from outside. Its node learns of it by the event.
    private void Stop(LiveTask task, TaskState state, Timestamp at)
    {
        if (task.State == TaskState.Running)
        {
            EndAttempt(task, AttemptOutcome.Cancelled, facts: null, error: null, at);
        }

        MoveOn(task, new AfterAttempt(state), at);
    }

    private async Task<IReadOnlyList<ChangeResult>> ChangeFinishedAsync(
        IReadOnlyList<string> ids,
        Func<TaskState, bool> isAllowed,
        Func<LiveTask, Timestamp, TaskState> change,
        bool keepNeeded,
        CancellationToken cancellation)
    {
        EnsureSound();
        await _finishedChanges.WaitAsync(cancellation);
        try
        {
            var results = new ChangeResult[ids.Count];
            var found = await FindFinishedAsync(ids, isAllowed, keepNeeded, results, cancellation);
            Task? committed = null;
            lock (_gate)
            {
                ThrowIfBroken();
                var at = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
                foreach (var (index, task) in found)
                {
                    results[index] = Changed(ids[index], change(task, at));
                    committed = CommitSoon();
                }
            }

            if (committed is not null)
            {
                await committed;
            }

            await ResolveAsync([.. found.Select(each => each.Task)], cancellation);
            return results;
        }
        finally
        {
            _finishedChanges.Release();
        }
    }

    // The tasks that may be changed, each once; the results of all others. What a blocked task depends on is kept where
    // that is asked for, because its end decides what becomes of the blocked one.
    private async Task<List<(int Index, LiveTask Task)>> FindFinishedAsync(
        IReadOnlyList<string> ids,
        Func<TaskState, bool> isAllowed,
        bool keepNeeded,
        ChangeResult[] results,
        CancellationToken cancellation)
    {
        var found = new List<(int Index, LiveTask Task)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < ids.Count; index++)
        {
            var task = Tasks.TaskId.TryParse(ids[index], out var id) ? await _reader.LoadAsync(id, cancellation) : null;
            bool isLive;
            lock (_gate)
            {
                isLive = Find(ids[index]) is not null || (keepNeeded && _graph.IsNeeded(id));
            }

            if (task is not null && !isLive && isAllowed(task.State) && seen.Add(ids[index]))
            {
                found.Add((index, task));
            }
            else
            {
                results[index] = Refused(ids[index], task?.State);
            }
        }

        return found;
    }

    private TaskState Requeue(LiveTask task, Timestamp at)
    {
        var now = at.ToDateTimeOffset();
        SetState(
            task,
            task.DependsOn.Count == 0 ? DependencyRules.AfterBlocked(NotBefore(task), now).State : TaskState.Blocked);
        task.AttemptsUsed = 0;
        task.FinishedAt = 0;
        task.DueAt = task.State == TaskState.Queued ? 0 : task.NotBeforeAt;
        task.Error = null;
        _live.Add(task.Id.Key, task);
        Place(task);
        if (task.DeadlineAt > now.ToUnixTimeMilliseconds())
        {
            _times.AddDeadline(task);
        }
        else
        {
            // Else it would expire again at once.
            task.DeadlineAt = 0;
        }

        Write(task, EventKind.Requeued, at);
        if (task.State == TaskState.Blocked)
        {
            Block(task);
        }

        foreach (var dependant in _graph.DependantsOf(task.Id))
        {
            // It did not mind that this one had failed, and waits for another; now it waits for both.
            dependant.WaitingFor!.Add(task.Id);
        }

        return task.State;
    }

    private TaskState Remove(LiveTask task, Timestamp at)
    {
        _counts.Leave(task);
        _gathered.Deletes.Add(task.Id.Key);
        if (task.BatchId.Length > 0)
        {
            _gathered.BatchesTouched.Add(task.BatchId);
        }

        _gathered.Events.Add(new PendingEvent(task, TaskEvents.Of(task, EventKind.Deleted, at)));
        return task.State;
    }

    private async Task<ChangeResult> RefusalAsync(string id, CancellationToken cancellation)
    {
        var stored = Tasks.TaskId.TryParse(id, out var taskId) ? await _reader.FindLeaseAsync(taskId, cancellation) : null;
        return Refused(id, stored?.State);
    }

    private static ChangeResult Changed(string id, TaskState state) =>
        new() { Id = id, Outcome = ChangeOutcome.Changed, State = state };

    private static ChangeResult Refused(string id, TaskState? state) => state is { } known
        ? new ChangeResult { Id = id, Outcome = ChangeOutcome.WrongState, State = known }
        : new ChangeResult { Id = id, Outcome = ChangeOutcome.UnknownId };
}
