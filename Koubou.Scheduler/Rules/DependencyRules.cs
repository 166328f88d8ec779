using Koubou.Contracts;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Rules;

/// <summary>What becomes of a task when what it waited for has ended.</summary>
public static class DependencyRules
{
    /// <summary>After the last dependency has ended: ready, or scheduled for its own time.</summary>
    public static AfterAttempt AfterBlocked(DateTimeOffset? notBefore, DateTimeOffset now) =>
        notBefore > now ? new AfterAttempt(TaskState.Scheduled, notBefore) : new AfterAttempt(TaskState.Queued);

    /// <summary>Why a task cannot run any more.</summary>
    /// <param name="dependency">The task that did not succeed.</param>
    /// <param name="state">How it ended; unspecified: it was deleted.</param>
    public static TaskError ErrorOf(TaskId dependency, TaskState state) => state == TaskState.Unspecified
        ? new TaskError
        {
            Code = "dependency_missing",
            Message = $"Task {dependency}, on which this one depends, was deleted.",
            Kind = FailureKind.Permanent,
        }
        : new TaskError
        {
            Code = "dependency_failed",
            Message = $"Task {dependency}, on which this one depends, is {state.ToWord()}. Retry that one, then this one.",
            Kind = FailureKind.Permanent,
        };
}
