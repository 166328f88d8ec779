using Koubou.Contracts;
using Koubou.Scheduler.Tests.Hosting;

namespace Koubou.Scheduler.Tests.Dispatch;

/// <summary>A scheduler stops and comes back; its node comes back too, with its work or without it.</summary>
public sealed class NodeReturnTests
{
    [Fact]
    public async Task Node_ThatComesBackWithItsTask_GoesOnUnderTheSameLease()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        var id = await scheduler.SubmitAsync("x");
        var node = await scheduler.ConnectAsync("node-1");
        var task = await node.TakeAsync();

        var ended = node.HearTheEndAsync();
        await scheduler.RestartAsync();
        await ended;
        var hello = new Hello
        {
            NodeId = "node-1",
            Machine = "test",
            ProcessId = 1,
            Offer = new NodeOffer { Capabilities = { "*" }, Slots = 1, SlotsMax = 1 },
            Held = { new HeldLease { TaskId = task.TaskId, LeaseToken = task.LeaseToken } },
        };
        await using var same = await scheduler.ConnectAsync(hello);
        await same.CompleteAsync(task, "done");

        var record = await scheduler.GetAsync(id);
        Assert.Equal((TaskState.Succeeded, 1), (record.State, record.AttemptsUsed));
    }

    [Fact]
    public async Task Node_ThatComesBackWithoutItsTask_GetsItAgainAtOnce()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        var id = await scheduler.SubmitAsync("x");
        var node = await scheduler.ConnectAsync("node-1");
        var before = await node.TakeAsync();

        var ended = node.HearTheEndAsync();
        await scheduler.RestartAsync();
        await ended;
        await using var same = await scheduler.ConnectAsync("node-1");
        var again = await same.TakeAsync();

        Assert.Equal((id, 2), (again.TaskId, again.Attempt));
        Assert.NotEqual(before.LeaseToken, again.LeaseToken);
    }
}
