using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>How soon another node has the work of one that is gone, and what no other node may get; in virtual time.</summary>
public sealed class ReassignmentTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeaseDuration = new Leases.LeaseOptions().Duration;

    [Fact]
    public void StreamBreaks_ItsTaskRunsElsewhereWithinASecond() => OnManyDays(world =>
    {
        var (first, second) = StartTask(world);

        first.Die();

        Assert.NotNull(world.RunUntil(() => second.Working.Count == 1, Second));
    });

    [Fact]
    public void NodeSilent_ItsTaskRunsElsewhereWithinItsLeaseAndASecond() => OnManyDays(world =>
    {
        var (first, second) = StartTask(world);
        world.RunFor(world.Between(0, 100));

        first.Freeze(TimeSpan.FromDays(1));

        Assert.NotNull(world.RunUntil(() => second.Working.Count == 1, LeaseDuration + Second));
    });

    [Fact]
    public void NodeSilentForLong_IsGivenNothingUntilItSpeaks() => OnManyDays(world =>
    {
        world.IsCalm = true;
        world.Open();
        var (silent, second) = (world.AddNode(slots: 1), world.AddNode(slots: 1));
        silent.TaskTime = second.TaskTime = LeaseDuration * 10;
        silent.Connect();
        world.RunFor(Second);
        silent.Freeze(LeaseDuration * 4);
        world.RunFor(LeaseDuration);

        world.Submit(World.PlainSpec());
        world.RunFor(LeaseDuration);
        Assert.Equal(0, world.Count(TaskState.Running));

        second.Connect();
        Assert.NotNull(world.RunUntil(() => second.Working.Count == 1, Second));
        world.Submit(World.PlainSpec());
        Assert.NotNull(world.RunUntil(() => silent.Assigned == 1, LeaseDuration * 4));
    });

    [Fact]
    public void TaskLongerThanItsLease_UnderHeartbeats_RunsOnce() => OnManyDays(world =>
    {
        var (first, second) = StartTask(world);

        Assert.NotNull(world.RunUntil(() => first.Working.Count == 0, LeaseDuration * 11));

        world.RunFor(LeaseDuration);
        Assert.Equal((1, 0), (first.Assigned, second.Assigned));
        world.Check();
    });

    [Fact]
    public void ProcessDiesAtEachAttempt_EndsInTheDeadLetter() => OnManyDays(world =>
    {
        var (first, second) = StartTask(world);
        List<SimulatedNode> nodes = [first, second];
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.NotNull(world.RunUntil(() => nodes.Exists(node => node.Working.Count == 1), LeaseDuration));
            nodes.Single(node => node.Working.Count == 1).Die();
            nodes.Add(world.AddNode(slots: 1));
            nodes[^1].Connect();
        }

        world.RunFor(LeaseDuration * 2);

        Assert.Equal(3, nodes.Sum(node => node.Assigned));
        Assert.Equal(TaskState.Failed, world.Check()[^1].State);
    });

    // Two nodes, and a task of ten leases' length that runs on the first.
    private static (SimulatedNode First, SimulatedNode Second) StartTask(World world)
    {
        world.IsCalm = true;
        world.Open();
        var nodes = (First: world.AddNode(slots: 1), Second: world.AddNode(slots: 1));
        nodes.First.TaskTime = nodes.Second.TaskTime = LeaseDuration * 10;
        nodes.First.Connect();
        world.RunFor(Second);
        world.Submit(World.PlainSpec());
        Assert.NotNull(world.RunUntil(() => nodes.First.Working.Count == 1, Second * 5));
        nodes.Second.Connect();
        world.RunFor(Second * 5);
        return nodes;
    }

    private static void OnManyDays(Action<World> day) => Days.RunEach(Enumerable.Range(1, 100), day);
}
