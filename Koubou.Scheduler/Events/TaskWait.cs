namespace Koubou.Scheduler.Events;

/// <summary>One wait for some tasks to finish.</summary>
internal sealed class TaskWait(TaskWaits owner, HashSet<string> ids) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _open = new(ids, StringComparer.Ordinal);
    private readonly TaskCompletionSource _any = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyCollection<string> Ids => ids;

    /// <summary>Completes when one of the tasks is finished.</summary>
    public Task Any => _any.Task;

    /// <summary>Completes when all of them are.</summary>
    public Task All => _all.Task;

    public void Finish(string id)
    {
        if (Remove(id))
        {
            _any.TrySetResult();
        }
    }

    /// <summary>There is no such task: waits for the others only.</summary>
    public void Forget(string id) => Remove(id);

    private bool Remove(string id)
    {
        bool removed;
        bool done;
        lock (_gate)
        {
            removed = _open.Remove(id);
            done = _open.Count == 0;
        }

        if (done)
        {
            _all.TrySetResult();
        }

        return removed;
    }

    public void Dispose() => owner.End(this);
}
