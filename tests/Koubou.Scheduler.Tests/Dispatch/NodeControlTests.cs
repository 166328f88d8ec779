using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Tests.Hosting;

namespace Koubou.Scheduler.Tests.Dispatch;

public sealed class NodeControlTests
{
    [Fact]
    public async Task Drain_ThenResume_TaskWaitsThenRuns()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1");
        var drained = await scheduler.Queue.ControlNodeAsync(new ControlNodeRequest { NodeId = "node-1", Drain = true });
        Assert.True(drained.Draining);

        // The other node takes the task, which the first one, connected earlier, would have been asked for first.
        var id = await scheduler.SubmitAsync("x");
        await using (var other = await scheduler.ConnectAsync("node-2"))
        {
            Assert.Equal(id, (await other.TakeAsync()).TaskId);
        }

        await scheduler.Queue.ControlNodeAsync(new ControlNodeRequest { NodeId = "node-1", Resume = true });
        Assert.Equal(id, (await node.TakeAsync()).TaskId);
    }

    [Fact]
    public async Task SlotsMax_BelowTheOffer_BoundsWhatTheNodeHolds()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1", credit: 4);
        var worker = await scheduler.Queue.ControlNodeAsync(new ControlNodeRequest { NodeId = "node-1", SlotsMax = 1 });
        Assert.Equal(1, worker.SlotsMax);
        await node.HearAsync(message => message.SlotsMax == 1);

        await scheduler.SubmitAsync("a");
        await scheduler.SubmitAsync("b");
        var first = await node.TakeAsync();
        Assert.Single((await scheduler.Queue.ListWorkersAsync(new ListWorkersRequest())).Nodes.Single().Running);
        await node.CompleteAsync(first, "done");

        Assert.Equal("b", (await node.TakeAsync()).Spec.Prompt);
    }

    [Fact]
    public async Task Control_UnknownNodeOrNonsense_SaysWhatIsThere()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1");

        var unknown = await Assert.ThrowsAsync<RpcException>(() => scheduler.Queue.ControlNodeAsync(
            new ControlNodeRequest { NodeId = "node-9", Drain = true }).ResponseAsync);
        var nonsense = await Assert.ThrowsAsync<RpcException>(() => scheduler.Queue.ControlNodeAsync(
            new ControlNodeRequest { NodeId = "node-1", SlotsMax = -1 }).ResponseAsync);
        var nothing = await Assert.ThrowsAsync<RpcException>(() => scheduler.Queue.ControlNodeAsync(
            new ControlNodeRequest { NodeId = "node-1" }).ResponseAsync);

        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("Connected: node-1", unknown.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("from 0 (no limit) to 1024", nonsense.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("drain, resume or slots_max", nothing.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PassOutputs_DependenciesAnswered_ComeWithTheAssignment()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1");
        var ids = await scheduler.SubmitAsync(
            SchedulerHarness.Spec("map"),
            SchedulerHarness.Spec("reduce", spec =>
            {
                spec.DependsOn.Add("#0");
                spec.PassOutputs = true;
            }));

        await node.CompleteAsync(await node.TakeAsync(), "forty-two");

        var reduce = await node.TakeAsync();
        Assert.Equal((ids[0], "forty-two"), (reduce.Inputs.Single().TaskId, reduce.Inputs.Single().Output));
    }

    [Fact]
    public async Task PassOutputs_MoreThanFits_FailsWithTheReason()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1");
        var ids = await scheduler.SubmitAsync(
            SchedulerHarness.Spec("map"),
            SchedulerHarness.Spec("reduce", spec =>
            {
                spec.DependsOn.Add("#0");
                spec.PassOutputs = true;
            }));

        await node.CompleteAsync(await node.TakeAsync(), new string('x', (4 * 1024 * 1024) + 1));

        var waited = await scheduler.Queue.WaitAsync(new WaitRequest
        {
            Ids = { ids[1] },
            Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(30)),
        });
        Assert.Equal("inputs_too_large", waited.Tasks.Single().Error.Code);
    }
}
