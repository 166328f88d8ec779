using Koubou.Contracts;
using Koubou.Scheduler.Events;

namespace Koubou.Scheduler.Dispatch;

/// <summary>Ends work on the node when its task was cancelled or expired.</summary>
internal sealed class CancelledWork(NodeRegistry nodes) : IEventListener
{
    public void Hear(TaskEvent change)
    {
        if (change.State is not (TaskState.Cancelled or TaskState.Expired)
            || nodes.Find(change.Node) is not { } session)
        {
            return;
        }

        session.Ahead.Drop(change.TaskId, change.Attempt);
        if (session.Find(change.TaskId) is not { } held)
        {
            return;
        }

        session.Release(held.Lease);
        var reason = change.State == TaskState.Cancelled ? EndReason.Cancelled : EndReason.Expired;
        session.Outbox.Add(message => message.End.Add(new EndWork
        {
            TaskId = change.TaskId,
            LeaseToken = held.Lease.Token,
            Reason = reason,
        }));
    }
}
