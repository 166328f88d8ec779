using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Dispatch;

/// <summary>A task on a node, with the last that the node said of it.</summary>
internal sealed class HeldTask(LeaseKey lease, int attempt, string type, Timestamp since)
{
    private Running _said = new();

    public LeaseKey Lease => lease;

    public int Attempt => attempt;

    /// <summary>Takes over what is new; unset fields leave what was said before.</summary>
    public void Hear(Running report)
    {
        var merged = _said.Clone();
        merged.MergeFrom(report);
        Volatile.Write(ref _said, merged);
    }

    public RunningTask ToRunningTask()
    {
        var now = Volatile.Read(ref _said);
        return new RunningTask
        {
            TaskId = lease.TaskId,
            Type = type,
            Attempt = attempt,
            Since = since,
            Slot = now.Slot,
            CompletionTokens = now.CompletionTokens,
            Progress = now.Progress,
        };
    }
}
