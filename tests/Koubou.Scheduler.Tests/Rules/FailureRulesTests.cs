using CsCheck;
using Koubou.Contracts;
using Koubou.Scheduler.Rules;

namespace Koubou.Scheduler.Tests.Rules;

public sealed class FailureRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<DateTimeOffset?> Deadline =
        Gen.Int[-100, 100].Select(seconds => seconds == 0 ? (DateTimeOffset?)null : Now.AddSeconds(seconds));

    [Fact]
    public void AfterFailure_AnyAttempt_EndsInAnAllowedState() =>
        Gen.Select(Gen.Int[1, 10], Gen.Int[1, 10], Gen.Bool, Gen.Int[0, 100], Deadline)
            .Sample((used, max, permanent, wait, deadline) =>
            {
                var kind = permanent ? FailureKind.Permanent : FailureKind.Transient;

                var next = FailureRules.AfterFailure(kind, used, max, TimeSpan.FromSeconds(wait), deadline, Now);

                Assert.True(Transitions.IsAllowed(TaskState.Running, next.State));
                Assert.Equal(permanent || used >= max, next.State == TaskState.Failed);
                Assert.Equal(next.State == TaskState.Scheduled, next.DueAt is not null);
                Assert.False(next.State == TaskState.Scheduled && next.DueAt >= deadline);
            });

    [Fact]
    public void AfterLoss_AttemptsLeft_GoesBackAtOnce()
    {
        Assert.Equal(TaskState.Queued, FailureRules.AfterLoss(1, 3, null, Now).State);
        Assert.Equal(TaskState.Failed, FailureRules.AfterLoss(3, 3, null, Now).State);
        Assert.Equal(TaskState.Expired, FailureRules.AfterLoss(1, 3, Now, Now).State);
    }

    [Fact]
    public void Transitions_FinalStates_LeaveOnlyByRetry()
    {
        foreach (var from in TaskStates.All.Where(state => state.IsFinal()))
        {
            foreach (var to in TaskStates.All)
            {
                Assert.Equal(
                    Transitions.CanRetry(from) && to is (TaskState.Queued or TaskState.Blocked or TaskState.Scheduled),
                    Transitions.IsAllowed(from, to));
            }
        }
    }
}
