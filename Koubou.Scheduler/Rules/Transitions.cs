using Koubou.Contracts;

namespace Koubou.Scheduler.Rules;

/// <summary>Which state may follow which. The drawing is in docs/task-lifecycle.md.</summary>
public static class Transitions
{
    /// <summary>Whether a task may go from one state to another in one step.</summary>
    public static bool IsAllowed(TaskState from, TaskState to) => from switch
    {
        TaskState.Blocked => to is TaskState.Queued or TaskState.Scheduled or TaskState.Failed
            or TaskState.Cancelled or TaskState.Expired,
        TaskState.Scheduled => to is TaskState.Queued or TaskState.Cancelled or TaskState.Expired,
        TaskState.Queued => to is TaskState.Running or TaskState.Cancelled or TaskState.Expired,
        TaskState.Running => to is TaskState.Succeeded or TaskState.Failed or TaskState.Scheduled or TaskState.Queued
            or TaskState.Cancelled or TaskState.Expired,
        _ => CanRetry(from) && to is (TaskState.Queued or TaskState.Blocked or TaskState.Scheduled),
    };

    /// <summary>Whether a client may cancel a task in this state.</summary>
    public static bool CanCancel(TaskState state) => state != TaskState.Unspecified && !state.IsFinal();

    /// <summary>Whether a client may put a task in this state back into the queue.</summary>
    public static bool CanRetry(TaskState state) =>
        state is TaskState.Failed or TaskState.Cancelled or TaskState.Expired;

    /// <summary>Whether a client may delete a task in this state.</summary>
    public static bool CanDelete(TaskState state) => state.IsFinal();
}
