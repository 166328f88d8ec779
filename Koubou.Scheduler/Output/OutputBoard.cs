using System.Collections.Concurrent;
using Koubou.Contracts;
using Koubou.Scheduler.Events;

namespace Koubou.Scheduler.Output;

/// <summary>What running tasks have written so far, for those who watch. Forgotten when the task finishes.</summary>
internal sealed class OutputBoard : IEventListener
{
    private readonly ConcurrentDictionary<string, LiveOutput> _outputs = new(StringComparer.Ordinal);

    /// <summary>The output of a task, begun if need be.</summary>
    public LiveOutput Of(string taskId) => _outputs.GetOrAdd(taskId, static _ => new LiveOutput());

    /// <summary>What a task wrote so far, or null when it wrote nothing and nobody watches.</summary>
    public LiveOutput? Find(string taskId) => _outputs.GetValueOrDefault(taskId);

    /// <summary>The task is finished: its output is in its record.</summary>
    public void Forget(string taskId)
    {
        if (_outputs.TryRemove(taskId, out var output))
        {
            output.Touch();
        }
    }

    public void Hear(TaskEvent change)
    {
        if (change.State.IsFinal())
        {
            Forget(change.TaskId);
        }
        else
        {
            Find(change.TaskId)?.Touch();
        }
    }
}
