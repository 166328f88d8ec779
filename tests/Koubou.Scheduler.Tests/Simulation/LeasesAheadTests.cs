using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>Tasks that are leased for a fast node before it has a slot for them; in virtual time.</summary>
public sealed class LeasesAheadTests
{
    private const int Tasks = 40;
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void FastNode_HasItsNextTasksLeased_AndEachRunsOnce() => OnManyDays(world =>
    {
        var node = Start(world, taskTime: Ahead / 10);

        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Running) > node.Working.Count + 3, Minute));

        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == Tasks, Minute));
        Assert.Equal(Tasks, node.Assigned);
        Assert.Equal(Tasks, world.Check().Count(change => change.Kind == EventKind.Started));
    });

    [Fact]
    public void SlowNode_HasNoMoreLeasedThanItRuns() => OnManyDays(world =>
    {
        var node = Start(world, taskTime: Ahead * 10);

        Assert.Null(world.RunUntil(() => world.Count(TaskState.Running) > 1, Minute));

        Assert.NotEqual(0, node.Assigned);
    });

    [Fact]
    public void NodeDies_WhatItWasNotGivenRunsElsewhere_AndNoAttemptCounts() => OnManyDays(world =>
    {
        var first = Start(world, taskTime: Ahead / 10);
        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Running) > first.Working.Count + 3, Minute));
        var second = world.AddNode(slots: Tasks);
        second.TaskTime = Minute;
        second.Connect();
        world.RunFor(Ahead / 20);

        first.Die();

        Assert.NotNull(world.RunUntil(() => second.Working.Count + world.Count(TaskState.Succeeded) == Tasks, Ahead));
        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == Tasks, Minute * 2));
        Assert.InRange(world.Check().Where(change => change.Kind == EventKind.Succeeded).Sum(change => change.Attempt), Tasks, Tasks + 1);
    });

    [Fact]
    public void NodeStops_WhatItWasNotGivenRunsElsewhere_LongBeforeTheLeaseEnds() => OnManyDays(world =>
    {
        var first = Start(world, taskTime: Ahead / 10);
        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Running) > first.Working.Count + 3, Minute));
        var second = world.AddNode(slots: Tasks);
        second.TaskTime = Minute;
        second.Connect();

        first.Freeze(TimeSpan.FromDays(1));

        Assert.NotNull(world.RunUntil(() => second.Working.Count + world.Count(TaskState.Succeeded) >= Tasks - 1, Ahead * 21));
    });

    [Fact]
    public void CancelledBeforeItWasGiven_IsNotGiven() => OnManyDays(world =>
    {
        var node = Start(world, taskTime: Ahead / 10);
        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Running) > node.Working.Count + 3, Minute));
        var leases = world.Scheduler!.Store.ListLeasesAsync(node.Id, CancellationToken.None).AsTask().Result;
        var waiting = leases.Select(lease => lease.TaskId).Except(node.Working).Max(StringComparer.Ordinal)!;

        var cancelled = world.Scheduler.Store.CancelAsync([waiting], CancellationToken.None);

        Assert.NotNull(world.RunUntil(() => cancelled.IsCompleted && world.Count(TaskState.Succeeded) == Tasks - 1, Minute));
        Assert.Equal(ChangeOutcome.Changed, cancelled.Result.Single().Outcome);
        Assert.Equal(Tasks - 1, node.Assigned);
    });

    private static SimulatedNode Start(World world, TimeSpan taskTime)
    {
        var node = world.OpenWithBacklog(Tasks, Ahead, taskTime);
        node.Connect();
        return node;
    }

    private static void OnManyDays(Action<World> day) => Days.RunEach(Enumerable.Range(1, 50), day);
}
