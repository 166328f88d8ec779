using Koubou.Contracts;

namespace Koubou.Scheduler.Events;

/// <summary>Those who wait for tasks to finish.</summary>
internal sealed class TaskWaits : IEventListener
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<TaskWait>> _waits = new(StringComparer.Ordinal);

    /// <summary>Begins to listen. Look at the tasks after this, so that no end slips through between.</summary>
    public TaskWait Begin(IEnumerable<string> ids)
    {
        var wait = new TaskWait(this, [.. ids]);
        lock (_gate)
        {
            foreach (var id in wait.Ids)
            {
                if (!_waits.TryGetValue(id, out var list))
                {
                    _waits.Add(id, list = []);
                }

                list.Add(wait);
            }
        }

        return wait;
    }

    public void Hear(TaskEvent change)
    {
        if (!change.State.IsFinal())
        {
            return;
        }

        TaskWait[] reached;
        lock (_gate)
        {
            if (!_waits.TryGetValue(change.TaskId, out var list))
            {
                return;
            }

            reached = [.. list];
        }

        foreach (var wait in reached)
        {
            wait.Finish(change.TaskId);
        }
    }

    internal void End(TaskWait wait)
    {
        lock (_gate)
        {
            foreach (var id in wait.Ids)
            {
                if (_waits.TryGetValue(id, out var list) && list.Remove(wait) && list.Count == 0)
                {
                    _waits.Remove(id);
                }
            }
        }
    }
}
