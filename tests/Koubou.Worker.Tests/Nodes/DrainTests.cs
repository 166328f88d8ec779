using System.Runtime.InteropServices;
using Koubou.Contracts;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Nodes;

public sealed class DrainTests
{
    private readonly ScriptedCraftsman _craftsman = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Drain_WorkThatFits_IsFinishedAndConfirmed()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, "00:00:30");
        var session = await scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Specs.Work("last"));
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        var stopped = node.StopAsync();
        await session.Frames.FirstAsync(frame => frame.Draining, Patience.Limit);
        _gate.SetResult();
        var completed = await session.CompletedAsync(assignment);
        await stopped.WaitAsync(Patience.Limit);
        await session.Closed.Task.WaitAsync(Patience.Limit);

        Assert.Equal("done: last", completed.Output);
        Assert.False(session.Broke);
        Assert.Contains(node.Logs.Lines.Items, line => line.Text.Contains("nothing in hand", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Drain_WorkThatDoesNotFit_IsGivenBack()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, "00:00:00.020");
        var session = await scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Specs.Work());
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        var stopped = node.StopAsync();
        var givenBack = await session.GivenBackAsync(assignment);
        await stopped.WaitAsync(Patience.Limit);

        Assert.Equal("draining", givenBack.Reason.Code);
        await _craftsman.Stopped.FirstAsync(_ => true, Patience.Limit);
    }

    [Fact]
    public async Task Drain_AssignmentOnItsWay_IsGivenBack()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, "00:00:30");
        var session = await scheduler.SessionAsync();
        await session.AssignAsync(Specs.Work());
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        var stopped = node.StopAsync();
        await session.Frames.FirstAsync(frame => frame.Draining, Patience.Limit);
        var late = await session.ForceAssignAsync(Specs.Work());
        var givenBack = await session.GivenBackAsync(late);
        _gate.SetResult();
        await stopped.WaitAsync(Patience.Limit);

        Assert.Equal("draining", givenBack.Reason.Code);
        Assert.Single(_craftsman.Begun.Items);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task Drain_SecondSignalOfTheSameKind_GivesBackAtOnce(PosixSignal signal)
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, "01:00:00");
        var session = await scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Specs.Work());
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        node.Signals.Count(signal);
        node.Signals.Count(signal == PosixSignal.SIGINT ? PosixSignal.SIGTERM : PosixSignal.SIGINT);
        Assert.False(node.Signals.Impatient.IsCancellationRequested);
        var stopped = node.StopAsync();
        await session.Frames.FirstAsync(frame => frame.Draining, Patience.Limit);
        node.Signals.Count(signal);
        await session.GivenBackAsync(assignment);

        await stopped.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task OperatorsDrain_FinishesOrGivesBack_AndTheNodeStays()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, "00:00:00.020");
        var session = await scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Specs.Work());
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        await session.SendAsync(new SchedulerMessage { Drain = true });
        await session.Frames.FirstAsync(frame => frame.Draining, Patience.Limit);
        var givenBack = await session.GivenBackAsync(assignment);
        var refused = await session.GivenBackAsync(await session.ForceAssignAsync(Specs.Work()));

        Assert.Equal("draining", givenBack.Reason.Code);
        Assert.Equal("draining", refused.Reason.Code);
        Assert.False(node.Lifetime.ApplicationStopping.IsCancellationRequested);
        Assert.False(session.Closed.Task.IsCompleted);
    }

    [Fact]
    public async Task OperatorsResume_TakesTasksAgain()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, "00:00:30");
        var session = await scheduler.SessionAsync();
        await session.SendAsync(new SchedulerMessage { Drain = true });
        await session.Frames.FirstAsync(frame => frame.Draining, Patience.Limit);
        await session.GivenBackAsync(await session.ForceAssignAsync(Specs.Work()));

        await session.SendAsync(new SchedulerMessage { Resume = true });
        var completed = await session.CompletedAsync(await session.AssignAsync(Specs.Work("again")));

        Assert.Equal("done: again", completed.Output);
    }

    [Fact]
    public async Task OperatorsLimit_HoldsAndIsOffered_AndGrowsBack()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, "00:00:30");
        var session = await scheduler.SessionAsync();

        await session.SendAsync(new SchedulerMessage { SlotsMax = 2 });
        await session.Frames.FirstAsync(frame => frame.Offer?.SlotsMax == 2, Patience.Limit);
        var assigned = await session.AssignAllAsync([Specs.Work("a"), Specs.Work("b")]);
        await session.Frames.FirstAsync(frame => frame.Offer?.Slots == 2, Patience.Limit);
        var creditAtTheLimit = session.Credit;
        await session.SendAsync(new SchedulerMessage { SlotsMax = 100 });
        await session.Frames.FirstAsync(frame => frame.Offer?.SlotsMax == 8, Patience.Limit);
        await session.Credits.FirstAsync(_ => session.Credit == 1, Patience.Limit);
        _gate.SetResult();

        Assert.Equal(0, creditAtTheLimit);
        await session.CompletedAsync(assigned[1]);
    }

    private Task<NodeHarness> StartAsync(ScriptedScheduler scheduler, string grace) =>
        NodeHarness.StartAsync(
            scheduler,
            values => values["Koubou:Worker:DrainGrace"] = grace,
            node =>
            {
                node.Services.AddScripted(_craftsman);
                node.AddCraftsman<ScriptedCraftsman>("work");
            });
}
