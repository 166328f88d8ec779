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
        var nodes = RunOneByOne(world, swapModels: false);

        Assert.All(nodes, node => Assert.InRange(node.Assigned, 2, Tasks - 4));
    });

    [Fact]
    public void IdleNodes_OneHasTheModelLoaded_IsAskedFirst() => Days.RunEach(Enumerable.Range(1, 20), world =>
    {
        var nodes = RunOneByOne(world, swapModels: true);

        Assert.Equal([0, 0, Tasks], nodes.Select(node => node.Assigned).Order());
    });

    private static List<SimulatedNode> RunOneByOne(World world, bool swapModels)
    {
        world.IsCalm = true;
        world.Open();
        List<SimulatedNode> nodes = [.. Enumerable.Range(0, 3).Select(_ => world.AddNode(slots: 1))];
        foreach (var node in nodes)
        {
            node.TaskTime = TimeSpan.FromMilliseconds(10);
            node.SwapsModels = swapModels;
            node.Connect();
        }

        world.RunFor(TimeSpan.FromSeconds(1));
        for (var task = 1; task <= Tasks; task++)
        {
            var spec = World.PlainSpec();
            spec.Model = "large";
            world.Submit(spec);
            Assert.NotNull(world.RunUntil(() => world.Count(TaskState.Succeeded) == task, Minute));
        }

        return nodes;
    }
}
