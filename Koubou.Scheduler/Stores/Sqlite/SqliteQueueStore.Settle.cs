using System.Text;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Rules;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    public async Task<IReadOnlyList<ReportOutcome>> SettleAsync(
        IReadOnlyList<Settlement> settlements, CancellationToken cancellation)
    {
        EnsureSound();
        var outcomes = new ReportOutcome[settlements.Count];
        Task? committed = null;
        var anyReady = false;
        lock (_gate)
        {
            ThrowIfBroken();
            var now = _time.GetUtcNow();
            var at = Timestamp.FromDateTimeOffset(now);
            for (var index = 0; index < settlements.Count; index++)
            {
                outcomes[index] = Settle(settlements[index], now, at);
            }

            if (outcomes.Any(outcome => outcome != ReportOutcome.LeaseLost))
            {
                // Also for what was recorded already: its commit may still be under way.
                committed = CommitSoon();
            }

            anyReady = _ready.Count > 0;
        }

        if (anyReady)
        {
            TasksReady?.Invoke();
        }

        if (committed is not null)
        {
            await committed;
        }

        await FindRecordedAsync(settlements, outcomes, cancellation);
        return outcomes;
    }

    // The token decides, not the worker: a late answer must never overwrite the next worker's.
    private ReportOutcome Settle(Settlement settlement, DateTimeOffset now, Timestamp at)
    {
        var task = Find(settlement.Lease.TaskId);
        if (task is null || task.LeaseToken != settlement.Lease.Token)
        {
            return ReportOutcome.LeaseLost;
        }

        if (task.State != TaskState.Running)
        {
            return task.State is TaskState.Cancelled or TaskState.Expired
                ? ReportOutcome.LeaseLost
                : ReportOutcome.AlreadyRecorded;
        }

        switch (settlement)
        {
            case CompletedSettlement completed:
                Complete(task, completed.Report, at);
                break;
            case FailedSettlement failed:
                Fail(task, failed.Report, now, at);
                break;
            case GivenBackSettlement givenBack:
                GiveBack(task, givenBack.Report, now, at);
                break;
            case LostSettlement lost:
                Lose(task, lost.Reason, now, at);
                break;
        }

        return ReportOutcome.Accepted;
    }

    private void Complete(LiveTask task, Completed report, Timestamp at)
    {
        EndAttempt(task, AttemptOutcome.Succeeded, report.Facts, error: null, at);
        task.Error = null;
        task.Artifacts = report.Artifacts;
        if (report.Output.Length + report.StructuredOutput.Length > 0)
        {
            task.OutputBytes = Encoding.UTF8.GetByteCount(report.Output);
            _gathered.Outputs.Add(new OutputWrite(task.Id.Key, report.Output, report.StructuredOutput));
        }

        MoveOn(task, new AfterAttempt(TaskState.Succeeded), at);
    }

    private void Fail(LiveTask task, Failed report, DateTimeOffset now, Timestamp at)
    {
        EndAttempt(task, AttemptOutcome.Failed, report.Facts, report.Error, at);
        task.Error = report.Error;
        var backoff = Backoff.After(task.AttemptsUsed, _backoffOptions, _random.NextDouble());
        var wish = report.RetryAfter?.ToTimeSpan() ?? TimeSpan.Zero;
        var kind = report.Error?.Kind ?? FailureKind.Transient;
        MoveOn(
            task,
            FailureRules.AfterFailure(
                kind, task.AttemptsUsed, task.AttemptsMax, wish > backoff ? wish : backoff, DeadlineOf(task), now),
            at);
    }

    private void GiveBack(LiveTask task, GivenBack report, DateTimeOffset now, Timestamp at)
    {
        EndAttempt(task, AttemptOutcome.GivenBack, report.Facts, report.Reason, at);
        task.Attempts = WithoutRepeatedGiveBacks(task.Attempts);
        task.AttemptsUsed--;
        task.Error = report.Reason;
        var wait = report.RetryAfter?.ToTimeSpan() ?? TimeSpan.Zero;
        MoveOn(task, FailureRules.AfterGivenBack(wait, DeadlineOf(task), now), at);
    }

    private void Lose(LiveTask task, string reason, DateTimeOffset now, Timestamp at)
    {
        var error = new TaskError { Code = "lease_lost", Message = reason, Kind = FailureKind.Transient };
        EndAttempt(task, AttemptOutcome.Lost, facts: null, error, at);
        task.Error = error;

        // Unlike after a report, nothing that comes under this lease may count as said before.
        task.LeaseToken = 0;
        MoveOn(task, FailureRules.AfterLoss(task.AttemptsUsed, task.AttemptsMax, DeadlineOf(task), now), at);
    }

    private void MoveOn(LiveTask task, AfterAttempt next, Timestamp at, EventKind? kind = null)
    {
        SetState(task, next.State);
        if (next.State.IsFinal())
        {
            TakeSpec(task);
            task.FinishedAt = at.ToDateTimeOffset().ToUnixTimeMilliseconds();
        }
        else
        {
            task.DueAt = next.DueAt?.ToUnixTimeMilliseconds() ?? 0;
            Place(task);
        }

        Write(task, kind ?? KindOf(next.State), at);
        if (next.State.IsFinal() && next.State != TaskState.Succeeded)
        {
            // A success is told when it is on disk, where dependants may read the answer.
            TellDependants(task, at);
        }
    }

    private static EventKind KindOf(TaskState state) => state switch
    {
        TaskState.Succeeded => EventKind.Succeeded,
        TaskState.Failed => EventKind.Failed,
        TaskState.Expired => EventKind.Expired,
        TaskState.Cancelled => EventKind.Cancelled,
        TaskState.Scheduled => EventKind.RetryScheduled,
        _ => EventKind.Requeued,
    };

    private static void EndAttempt(
        LiveTask task, AttemptOutcome outcome, AttemptFacts? facts, TaskError? error, Timestamp at)
    {
        if (task.Attempts.Count == 0)
        {
            return;
        }

        var begun = task.Attempts[^1];
        var ended = new Attempt
        {
            Number = begun.Number,
            Node = begun.Node,
            LeasedAt = begun.LeasedAt,
            FinishedAt = at,
            Outcome = outcome,
            Error = error,
        };
        if (facts is not null)
        {
            ended.Slot = facts.Slot;
            ended.Backend = facts.Backend;
            ended.Model = facts.Model;
            ended.Zone = facts.Zone;
            ended.Simulated = facts.Simulated;
            ended.FirstToken = facts.FirstToken;
            ended.ModelLoad = facts.ModelLoad;
            ended.Generation = facts.Generation;
            ended.Usage = facts.Usage;
            ended.Tried.AddRange(facts.Tried);
        }

        task.Attempts = [.. task.Attempts.Take(task.Attempts.Count - 1), ended];
    }

    // A task may be given back any number of times; of a row of them the last one tells enough.
    private static IReadOnlyList<Attempt> WithoutRepeatedGiveBacks(IReadOnlyList<Attempt> attempts) =>
        attempts.Count > 1 && attempts[^2].Outcome == AttemptOutcome.GivenBack
            ? [.. attempts.Take(attempts.Count - 2), attempts[^1]]
            : attempts;

    private static DateTimeOffset? DeadlineOf(LiveTask task) =>
        task.DeadlineAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(task.DeadlineAt);

    // A report that is sent again, because its acknowledgement was lost, may find its task finished and forgotten.
    private async Task FindRecordedAsync(
        IReadOnlyList<Settlement> settlements, ReportOutcome[] outcomes, CancellationToken cancellation)
    {
        for (var index = 0; index < outcomes.Length; index++)
        {
            var lease = settlements[index].Lease;
            if (outcomes[index] == ReportOutcome.LeaseLost
                && settlements[index] is CompletedSettlement
                && Tasks.TaskId.TryParse(lease.TaskId, out var id)
                && await _reader.FindLeaseAsync(id, cancellation) is { State: TaskState.Succeeded } stored
                && stored.Token == lease.Token)
            {
                outcomes[index] = ReportOutcome.AlreadyRecorded;
            }
        }
    }
}
