using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// Blocked tasks. A dependency that is live tells its dependants itself when it ends; one that ended before lies on disk
/// and is looked up once, by <see cref="ResolveAsync"/>.
/// </summary>
internal sealed partial class SqliteQueueStore
{
    // Of tasks that ended and whose dependants were not told yet: a long chain must not become a deep recursion.
    private readonly Queue<LiveTask> _untold = [];
    private bool _telling;

    // Registers a blocked task with its dependencies. The caller holds the gate.
    private void Block(LiveTask task)
    {
        task.WaitingFor = [.. task.DependsOn];
        _graph.Add(task);
        var at = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
        foreach (var id in task.DependsOn)
        {
            // One that failed and is not on disk yet; others that are live tell later.
            if (Find(id) is { } dependency && dependency.State.IsFinal() && dependency.State != TaskState.Succeeded)
            {
                OnDependencyEnded(task, id, dependency.State, at);
            }
        }
    }

    // Looks up the dependencies that are not live. Call it when the tasks themselves are on disk.
    private async Task ResolveAsync(IReadOnlyList<LiveTask> tasks, CancellationToken cancellation)
    {
        HashSet<TaskId> open;
        lock (_gate)
        {
            open = [.. tasks.Where(IsBlocked).SelectMany(task => task.WaitingFor!).Where(id => Find(id) is null)];
        }

        if (open.Count == 0)
        {
            return;
        }

        var stored = await _reader.FindStatesAsync(open, cancellation);
        Task committed;
        lock (_gate)
        {
            ThrowIfBroken();
            var at = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
            foreach (var task in tasks.Where(IsBlocked))
            {
                foreach (var id in task.WaitingFor!.Where(id => open.Contains(id) && Find(id) is null).ToList())
                {
                    OnDependencyEnded(task, id, stored.GetValueOrDefault(id), at);
                }
            }

            committed = CommitSoon();
        }

        await committed;
        TasksReady?.Invoke();
    }

    private async Task ResolveInBackgroundAsync(IReadOnlyList<LiveTask> tasks)
    {
        try
        {
            await ResolveAsync(tasks, CancellationToken.None);
        }
        catch (StoreUnusableException)
        {
            // The memory will be built anew once more, and this begins again.
        }
    }

    private static bool IsBlocked(LiveTask task) => task.State == TaskState.Blocked;

    // Called under the gate: for a failure when it is decided, for a success when it is on disk.
    private void TellDependants(LiveTask task, Timestamp at)
    {
        _untold.Enqueue(task);
        if (!_telling)
        {
            TellAfter(at, () => { });
        }
    }

    // What a call ends itself is not ended by the way, as a dependant of what it ended first. The caller holds the gate.
    private void TellAfter(Timestamp at, Action change)
    {
        _telling = true;
        change();
        while (_untold.TryDequeue(out var dependency))
        {
            foreach (var dependant in _graph.DependantsOf(dependency.Id))
            {
                OnDependencyEnded(dependant, dependency.Id, dependency.State, at);
            }
        }

        _telling = false;
    }

    private void OnDependencyEnded(LiveTask task, TaskId id, TaskState state, Timestamp at)
    {
        if (task.State != TaskState.Blocked || !task.WaitingFor!.Remove(id))
        {
            return;
        }

        if (state != TaskState.Succeeded && !task.RunIfDependencyFailed)
        {
            task.Error = DependencyRules.ErrorOf(id, state);
            MoveOn(task, new AfterAttempt(TaskState.Failed), at);
        }
        else if (task.WaitingFor.Count == 0)
        {
            MoveOn(
                task, DependencyRules.AfterBlocked(NotBefore(task), at.ToDateTimeOffset()), at, EventKind.Requeued);
        }
    }

    private static DateTimeOffset? NotBefore(LiveTask task) =>
        task.NotBeforeAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(task.NotBeforeAt);

    private LiveTask? Find(TaskId id) => _live.TryGetValue(id.Key, out var task) && task.Id == id ? task : null;
}
