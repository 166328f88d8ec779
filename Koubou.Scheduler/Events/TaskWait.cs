namespace Koubou.Scheduler.Events;

/// <summary>One wait for some tasks to finish.</summary>
internal sealed class TaskWait(TaskWaits owner, HashSet<string> ids) : IDisposable
{
    private readonly Lock gate = new();
    private readonly HashSet<string> open = new(ids, StringComparer.Ordinal);
    private readonly TaskCompletionSource any = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyCollection<string> Ids => ids;

    /// <summary>Completes when one of the tasks is finished.</summary>
    public Task Any => any.Task;

    /// <summary>Completes when all of them are.</summary>
    public Task All => all.Task;

    public void Finish(string id)
    {
        if (Remove(id))
        {
            any.TrySetResult();
        }
    }

    /// <summary>There is no such task: waits for the others only.</summary>
    public void Forget(string id) => Remove(id);

    private bool Remove(string id)
    {
        bool removed;
        bool done;
        lock (gate)
        {
            removed = open.Remove(id);
            done = open.Count == 0;
        }

        if (done)
        {
            all.TrySetResult();
        }

        return removed;
    }

    public void Dispose() => owner.End(this);
}
