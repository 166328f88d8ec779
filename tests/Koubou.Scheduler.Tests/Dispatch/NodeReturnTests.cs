using Koubou.Contracts;
using Koubou.Scheduler.Tests.Hosting;

namespace Koubou.Scheduler.Tests.Dispatch;

public sealed class NodeReturnTests
{
    [Fact]
    public async Task Return_AfterARestart_WithoutItsTask_TheTaskIsPutBackAtOnce()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        var before = await scheduler.ConnectAsync("node-1");
        var id = await scheduler.SubmitAsync("x");
        await before.TakeAsync();
        await scheduler.RestartAsync();

        // Its process began anew as well: it knows nothing of the task, whose lease on record still has its time.
        await using var node = await scheduler.ConnectAsync("node-1");
        var again = await node.TakeAsync();

        Assert.Equal(id, again.TaskId);
        Assert.Equal(2, again.Attempt);
        var lost = (await scheduler.GetAsync(id)).Attempts[0];
        Assert.Equal(AttemptOutcome.Lost, lost.Outcome);
        Assert.Contains("came back without this task", lost.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Return_AfterARestart_WithItsTask_GoesOnWithTheSameAttempt()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        var before = await scheduler.ConnectAsync("node-1");
        var id = await scheduler.SubmitAsync("x");
        var task = await before.TakeAsync();
        await scheduler.RestartAsync();

        await using var node = await scheduler.ConnectAsync(new Hello
        {
            NodeId = "node-1",
            Machine = "test",
            ProcessId = 1,
            Offer = new NodeOffer { Capabilities = { "*" }, Slots = 1, SlotsMax = 1 },
            Held = { new HeldLease { TaskId = id, LeaseToken = task.LeaseToken } },
        });
        await node.CompleteAsync(task, "done");

        var record = await scheduler.GetAsync(id);
        Assert.Equal(TaskState.Succeeded, record.State);
        Assert.Equal("done", record.Output);
        Assert.Single(record.Attempts);
    }
}
