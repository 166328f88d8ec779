using Koubou.Contracts;

namespace Koubou.Scheduler.Rules;

/// <summary>What becomes of a task whose attempt ended without an answer.</summary>
/// <param name="State">Queued, scheduled, failed or expired.</param>
/// <param name="DueAt">When a scheduled task becomes ready.</param>
public readonly record struct AfterAttempt(TaskState State, DateTimeOffset? DueAt = null);

/// <summary>Retry, give up or put back: pure functions of the attempt and the time.</summary>
public static class FailureRules
{
    /// <summary>After a failure that the worker reported.</summary>
    /// <param name="kind">Whether a retry can mend it. What is not known is taken as transient.</param>
    /// <param name="attemptsUsed">Attempts counted, this one included.</param>
    /// <param name="attemptsMax">Attempts allowed.</param>
    /// <param name="wait">The backoff, or the server's own longer wish.</param>
    /// <param name="deadline">When the task is worth nothing any more.</param>
    /// <param name="now">The time of the report.</param>
    public static AfterAttempt AfterFailure(
        FailureKind kind, int attemptsUsed, int attemptsMax, TimeSpan wait, DateTimeOffset? deadline, DateTimeOffset now)
    {
        if (kind == FailureKind.Permanent || attemptsUsed >= attemptsMax)
        {
            return new AfterAttempt(TaskState.Failed);
        }

        var due = now + wait;
        return deadline <= due
            ? new AfterAttempt(TaskState.Expired)
            : new AfterAttempt(TaskState.Scheduled, due);
    }

    /// <summary>
    /// After a lease that was lost: the stream broke, or no heartbeat came. The attempt counts, so that a task that
    /// kills its worker each time ends in the dead letter; it waits for nothing, because nothing says that it will fail.
    /// </summary>
    public static AfterAttempt AfterLoss(int attemptsUsed, int attemptsMax, DateTimeOffset? deadline, DateTimeOffset now)
    {
        if (attemptsUsed >= attemptsMax)
        {
            return new AfterAttempt(TaskState.Failed);
        }

        return deadline <= now ? new AfterAttempt(TaskState.Expired) : new AfterAttempt(TaskState.Queued);
    }

    /// <summary>After a worker handed the task back. The attempt is not counted.</summary>
    public static AfterAttempt AfterGivenBack(TimeSpan wait, DateTimeOffset? deadline, DateTimeOffset now)
    {
        var due = now + wait;
        if (deadline <= due)
        {
            return new AfterAttempt(TaskState.Expired);
        }

        return wait > TimeSpan.Zero ? new AfterAttempt(TaskState.Scheduled, due) : new AfterAttempt(TaskState.Queued);
    }
}
