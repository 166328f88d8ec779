using Koubou.Contracts;
using Koubou.Web.Pages.OneTask;

namespace Koubou.Web.Tests.OneTask;

public sealed class DependencyGraphTests
{
    [Fact]
    public void Task_StandsBelowAllThatItWaitsFor()
    {
        var graph = DependencyGraph.Of([Task("a"), Task("b", "a"), Task("c", "a", "b"), Task("d", "a")]);

        Assert.Equal([("a", 0), ("b", 1), ("d", 1), ("c", 2)], graph.Nodes.Select(node => (node.Id, node.Level)));
        Assert.Equal(4, graph.Edges.Count);
        Assert.Equal((3, 2), (graph.Levels, graph.Places));
    }

    [Fact]
    public void Dependency_ThatWasDeleted_StillStandsThere()
    {
        var graph = DependencyGraph.Of([Task("b", "gone")]);

        Assert.Equal(["gone", "b"], graph.Nodes.Select(node => node.Id));
        Assert.Equal(TaskState.Unspecified, graph.Nodes[0].State);
    }

    [Fact]
    public void Circle_HasAnEnd() => Assert.Equal(2, DependencyGraph.Of([Task("a", "b"), Task("b", "a")]).Nodes.Count);

    private static TaskRecord Task(string id, params string[] after) =>
        new() { Id = id, Spec = new TaskSpec { Prompt = id, DependsOn = { after } }, State = TaskState.Queued };
}
