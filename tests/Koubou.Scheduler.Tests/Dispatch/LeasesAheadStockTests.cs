using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Stores;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Scheduler.Tests.Dispatch;

/// <summary>What lies ahead for one node: how much, and who gets it.</summary>
public sealed class LeasesAheadStockTests
{
    private static readonly TimeSpan Span = TimeSpan.FromMilliseconds(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly LeasesAhead _ahead;

    public LeasesAheadStockTests() => _ahead = new LeasesAhead(Span, _clock);

    [Fact]
    public void Measure_SteadyPace_IsWhatTheNodeTakesWithinTheSpan()
    {
        RunAt(tasksInSpan: 20);

        Assert.InRange(_ahead.Measure(slots: 8), 15, 20);
    }

    [Fact]
    public void Measure_FewerThanTheSlots_IsNothing()
    {
        RunAt(tasksInSpan: 7);

        Assert.Equal(0, _ahead.Measure(slots: 8));
    }

    [Fact]
    public void Measure_OneBurst_IsNoPace()
    {
        _ahead.Note(8);
        _clock.Advance(Span / 10);

        Assert.Equal(0, _ahead.Measure(slots: 8));
    }

    [Fact]
    public void Measure_HowFastEver_FillsUpToTheMost()
    {
        RunAt(tasksInSpan: 1_000);
        _ahead.TryKeep([.. Enumerable.Range(0, LeasesAhead.Max - 28).Select(Task)]);

        Assert.Equal(28, _ahead.Measure(slots: 8));
    }

    [Fact]
    public void Take_ByANodeWithoutRoom_IsNothing()
    {
        _ahead.TryKeep([Task(1), Task(2)]);

        Assert.Empty(_ahead.Take(-1, _ => true));
        Assert.Empty(_ahead.Take(0, _ => true));
        Assert.Equal(2, _ahead.Take(5, _ => true).Count);
    }

    [Fact]
    public void Take_ByANodeWhoseOfferChanged_LeavesWhatDoesNotFit()
    {
        _ahead.TryKeep([Task(1), Task(2) with { Spec = new TaskSpec { Type = "code" } }]);

        Assert.Equal("task-1", Assert.Single(_ahead.Take(5, lane => lane.Type == "general")).Lease.TaskId);
    }

    [Fact]
    public void Drop_WhileItIsOnItsWay_KeepsItOut()
    {
        _ahead.TryKeep([.. Enumerable.Range(0, 8).Select(Task)]);
        _ahead.Take(8, _ => true);
        Assert.True(_ahead.TryBeginFilling());

        _ahead.Drop("task-20", attempt: 1);
        _ahead.TryKeep([Task(20), Task(21)]);
        _ahead.EndFilling();

        Assert.Equal("task-21", Assert.Single(_ahead.Take(5, _ => true)).Lease.TaskId);
    }

    [Fact]
    public void Drop_OfAnEarlierAttempt_LeavesTheNewLease()
    {
        _ahead.TryKeep([Task(1) with { Attempt = 2 }]);

        _ahead.Drop("task-1", attempt: 1);

        Assert.Single(_ahead.Take(5, _ => true));
    }

    [Fact]
    public void Filling_ThatBroughtNothing_IsNotTriedAgainBeforeTheNodeAsks()
    {
        _ahead.TryKeep([.. Enumerable.Range(0, 8).Select(Task)]);
        _ahead.Take(8, _ => true);

        Assert.True(_ahead.TryBeginFilling());
        Assert.True(_ahead.IsFilling);
        _ahead.EndFilling();

        Assert.False(_ahead.IsFilling);
        Assert.False(_ahead.TryBeginFilling());
    }

    private void RunAt(int tasksInSpan)
    {
        for (var span = 0; span < 20; span++)
        {
            _ahead.Note(tasksInSpan);
            _clock.Advance(Span);
        }
    }

    private static LeasedTask Task(int number) => new(
        new LeaseKey($"task-{number}", (ulong)number + 1), 1, new TaskSpec { Type = "general" }, DateTimeOffset.UnixEpoch);
}
