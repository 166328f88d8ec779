using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>What becomes of tasks when something fails between their lease and their node; in virtual time.</summary>
public sealed class DispatchFaultTests
{
    private const int Tasks = 40;
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // A node that lost its stream has a new one by then.
    private static readonly TimeSpan ReconnectMax = TimeSpan.FromSeconds(11);

    [Fact]
    public void FetchOfLeasesBreaks_NodeComesBackAndEachTaskRunsOnce() => OnManyDays(world =>
    {
        var node = Start(world);

        Troubles(world).LeaseFault = new InvalidOperationException("A fault that nobody foresaw.");

        EachTaskRunsOnce(world, node);
        Assert.Null(Troubles(world).LeaseFault);
        Assert.Equal(2, node.Connections);
    });

    [Fact]
    public void LeaseBreaks_OtherNodesAreServedAndTheNodeComesBack() => OnManyDays(world =>
    {
        var first = Prepare(world);
        var second = world.AddNode(slots: 1);
        second.TaskTime = first.TaskTime;
        second.Connect();
        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == Tasks, Minute));
        first.Connect();
        world.RunFor(Ahead);
        Troubles(world).LeaseFault = new InvalidOperationException("A fault that nobody foresaw.");

        // Whoever is asked first for it meets the fault.
        world.Submit(World.PlainSpec());

        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == Tasks + 1, Minute));
        Assert.Null(Troubles(world).LeaseFault);
        Assert.NotNull(world.RunUntil(() => first.Connections + second.Connections == 3, Minute));
        world.Submit(World.PlainSpec());
        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == Tasks + 2, Minute));
    });

    [Fact]
    public void StoreCannotLease_NodeStaysAndEachTaskRunsOnce() => OnManyDays(world =>
    {
        var node = Start(world);

        Troubles(world).LeaseFault = new StoreUnusableException("The server is away.");

        EachTaskRunsOnce(world, node);
        Assert.Null(Troubles(world).LeaseFault);
        Assert.Equal(1, node.Connections);
    });

    [Fact]
    public void NewStreams_WhileLeasesForTheOldOneAreOnTheirWay_TheseGoBackAndEachTaskRunsOnce() => OnManyDays(world =>
    {
        var node = Start(world);
        var answer = HoldAnswers(world);
        Assert.NotNull(world.RunUntil(() => Troubles(world).Unanswered > 0, Minute));

        node.TakeNewStream();
        world.RunFor(ReconnectMax);
        node.TakeNewStream();
        world.RunFor(ReconnectMax);
        answer();

        EachTaskRunsOnce(world, node);
    });

    [Fact]
    public void StreamBreaks_WhileLeasesAreOnTheirWay_TheseGoBackAndEachTaskRunsOnce() => OnManyDays(world =>
    {
        var node = Start(world);
        var answer = HoldAnswers(world);
        Assert.NotNull(world.RunUntil(() => Troubles(world).Unanswered > 0, Minute));

        node.LoseStream(noticed: TimeSpan.Zero);
        world.RunFor(ReconnectMax);
        answer();

        EachTaskRunsOnce(world, node);
    });

    [Fact]
    public void StreamBreaks_WhileItsFirstLeaseIsOnItsWay_NoAttemptCounts() => OnManyDays(world =>
    {
        var node = Prepare(world);
        var answer = HoldAnswers(world);
        node.Connect();
        Assert.NotNull(world.RunUntil(() => Troubles(world).Unanswered > 0, Minute));

        node.LoseStream(noticed: TimeSpan.Zero);
        world.RunFor(ReconnectMax);
        answer();

        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == Tasks, Minute * 2));
        Assert.All(world.Check(), change => Assert.InRange(change.Attempt, 0, 1));
    });

    [Fact]
    public void InputsCannotBeRead_TaskGoesBackAndNoAttemptCounts() => OnManyDays(world =>
    {
        world.IsCalm = true;
        world.Open();
        var node = world.AddNode(slots: 1);
        node.TaskTime = Ahead;
        node.Connect();
        world.Submit(World.PlainSpec());
        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == 1, Minute));
        Troubles(world).ReadFault = new StoreUnusableException("The server is away.");
        var next = World.PlainSpec();
        next.PassOutputs = true;
        next.DependsOn.Add(world.Check()[0].TaskId);

        world.Submit(next);

        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == 2, Minute * 2));
        Assert.Null(Troubles(world).ReadFault);
        Assert.All(world.Check(), change => Assert.InRange(change.Attempt, 0, 1));
    });

    // One node with one slot, and so many tasks that more are leased ahead.
    private static SimulatedNode Start(World world)
    {
        var node = Prepare(world);
        node.Connect();
        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Running) > node.Working.Count + 3, Minute));
        return node;
    }

    // The same before it connects.
    private static SimulatedNode Prepare(World world) => world.OpenWithBacklog(Tasks, Ahead, taskTime: Ahead / 10);

    // From now on leases are not answered, until what this returns is called.
    private static Action HoldAnswers(World world)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Troubles(world).LeaseAnswers = answered.Task;
        return () =>
        {
            Troubles(world).LeaseAnswers = Task.CompletedTask;
            answered.SetResult();
        };
    }

    private static void EachTaskRunsOnce(World world, SimulatedNode node)
    {
        Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == Tasks, Minute * 2));
        Assert.Equal(Tasks, node.Assigned);

        // What was on its way to the node when its stream ended may be lost; of what was leased ahead nothing is.
        Assert.InRange(world.Check().Where(change => change.Kind == EventKind.Succeeded).Sum(change => change.Attempt), Tasks, Tasks + 1);
    }

    private static TroubledStore Troubles(World world) => world.Scheduler!.Troubles!;

    private static void OnManyDays(Action<World> day) => Days.RunEach(Enumerable.Range(1, 50), world =>
    {
        world.HasTroubledStore = true;
        day(world);
    });
}
