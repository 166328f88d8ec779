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
    public async Task Drain_AskedForByTheScheduler_StopsTheProgram()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, "00:00:01");
        var session = await scheduler.SessionAsync();
        var stopping = new TaskCompletionSource();
        node.Lifetime.ApplicationStopping.Register(() => stopping.SetResult());

        await session.SendAsync(new SchedulerMessage { Drain = true });

        await stopping.Task.WaitAsync(Patience.Limit);
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
