using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>Who is asked first when several nodes have a free slot; in virtual time.</summary>
public sealed class NodeTurnsTests
{
    private const int Tasks = 12;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void IdleNodes_TasksOneByOne_TakeTurns() => Days.RunEach(Enumerable.Range(1, 20), world =>
    {
        world.IsCalm = true;
        world.Open();
        List<SimulatedNode> nodes = [.. Enumerable.Range(0, 3).Select(_ => world.AddNode(slots: 1))];
        foreach (var node in nodes)
        {
            node.TaskTime = TimeSpan.FromMilliseconds(10);
            node.Connect();
        }

        world.RunFor(TimeSpan.FromSeconds(1));
        for (var task = 1; task <= Tasks; task++)
        {
            world.Submit(World.PlainSpec());
            Assert.NotNull(world.RunUntil(() => Succeeded(world) == task, Minute));
        }

        Assert.All(nodes, node => Assert.InRange(node.Assigned, 2, Tasks - 4));
    });

    private static long Succeeded(World world) =>
        world.Scheduler!.Store.CountAsync(CancellationToken.None).Result[TaskState.Succeeded];
}
