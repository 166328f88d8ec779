using Grpc.Core;
using Koubou.Contracts;
using Koubou.Worker.Tests.Harness;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Worker.Tests.Nodes;

public sealed class NodeConnectionTests
{
    private readonly ScriptedCraftsman _craftsman = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Hello_NamesNodeAndOffer()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, values =>
        {
            values["Koubou:Worker:Capabilities"] = "general work";
            values["Koubou:Worker:JoinKey"] = "key";
        });

        var hello = (await scheduler.SessionAsync()).Hello;

        Assert.Equal("test-node", hello.NodeId);
        Assert.Equal("key", hello.JoinKey);
        Assert.Equal(Environment.ProcessId, hello.ProcessId);
        Assert.Equal(["general", "work"], hello.Offer.Capabilities);
        Assert.Equal(1, hello.Offer.Slots);
        Assert.Equal(8, hello.Offer.SlotsMax);
        Assert.Empty(hello.Held);
    }

    [Fact]
    public async Task Assignment_WorkedOn_ReportsAndFreesItsSlotInOneFrame()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, values => values["Koubou:Worker:SlotsMax"] = "1");
        var session = await scheduler.SessionAsync();

        var assignment = await session.AssignAsync(Specs.Work("a"));
        var completed = await session.CompletedAsync(assignment);

        Assert.Equal("done: a", completed.Output);
        Assert.Equal(1, completed.Facts.Slot);
        var frame = await session.Frames.FirstAsync(
            frame => frame.Reports.Any(report => report.Completed is not null), Patience.Limit);
        Assert.Equal(1, frame.Credit);
    }

    [Fact]
    public async Task Output_Written_ArrivesInOrderWithOffsets()
    {
        _craftsman.Script = async (_, context, stop) =>
        {
            foreach (var piece in (string[])["one ", "two ", "three"])
            {
                await context.WriteOutputAsync(piece, stop);
            }

            await _gate.Task.WaitAsync(stop);
            return Worker.Craftsmen.TaskResult.AsWritten;
        };
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler);
        var session = await scheduler.SessionAsync();

        var assignment = await session.AssignAsync(Specs.Work());
        await session.Reports.FirstAsync(
            report => report.Output is { } chunk && chunk.Offset + chunk.Text.Length == 13, Patience.Limit);
        _gate.SetResult();
        var completed = await session.CompletedAsync(assignment);

        var text = "";
        foreach (var chunk in session.Reports.Items.Select(report => report.Output).OfType<OutputChunk>())
        {
            Assert.Equal(text.Length, chunk.Offset);
            text += chunk.Text;
        }

        Assert.Equal("one two three", text);
        Assert.Equal(text, completed.Output);
    }

    [Fact]
    public async Task Reconnect_WithRunningWork_NamesItsLeaseAndFinishesIt()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler);
        var first = await scheduler.SessionAsync();
        var assignment = await first.AssignAsync(Specs.Work("kept"));
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        first.Break();
        var second = await scheduler.SessionAsync(2);
        _gate.SetResult();
        var completed = await second.CompletedAsync(assignment);

        var held = Assert.Single(second.Hello.Held);
        Assert.Equal(assignment.TaskId, held.TaskId);
        Assert.Equal(assignment.LeaseToken, held.LeaseToken);
        Assert.Equal("done: kept", completed.Output);
        Assert.Single(_craftsman.Begun.Items);
        Assert.Single(node.Logs.Lines.Items, line => line.Level == LogLevel.Warning && line.Category.EndsWith(
            "NodeConnection", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconnect_WithUnconfirmedReport_NamesItsLeaseAndRepeatsIt()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        scheduler.Confirms = false;
        await using var node = await StartAsync(scheduler);
        var first = await scheduler.SessionAsync();
        var assignment = await first.AssignAsync(Specs.Work("twice"));
        await first.CompletedAsync(assignment);

        scheduler.Confirms = true;
        first.Break();
        var second = await scheduler.SessionAsync(2);
        var completed = await second.CompletedAsync(assignment);

        Assert.Equal(assignment.TaskId, Assert.Single(second.Hello.Held).TaskId);
        Assert.Equal("done: twice", completed.Output);
        second.Break();
        var third = await scheduler.SessionAsync(3);
        Assert.Empty(third.Hello.Held);
    }

    [Fact]
    public async Task Reconnect_LeaseNotKept_EndsItsWork()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler);
        var first = await scheduler.SessionAsync();
        var assignment = await first.AssignAsync(Specs.Work());
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        scheduler.Keeps = _ => false;
        first.Break();
        var second = await scheduler.SessionAsync(2);
        await _craftsman.Stopped.FirstAsync(_ => true, Patience.Limit);
        await second.Credits.FirstAsync(credit => credit == node.Pool.Slots, Patience.Limit);

        Assert.DoesNotContain(second.Reports.Items, report => report.TaskId == assignment.TaskId);
    }

    [Fact]
    public async Task Reconnect_ManyTimes_WorkAlwaysResumes()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler);

        for (var number = 1; number <= 10; number++)
        {
            var session = await scheduler.SessionAsync(number);
            await session.CompletedAsync(await session.AssignAsync(Specs.Work()));
            session.Break();
        }
    }

    [Fact]
    public async Task Heartbeat_NamesRunningLeases()
    {
        _craftsman.WaitFor(_gate.Task);
        var clock = new FakeTimeProvider();
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, clock: clock);
        var session = await scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Specs.Work());
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        clock.Advance(scheduler.HeartbeatInterval);
        var frame = await session.Frames.FirstAsync(frame => frame.Heartbeat?.Held.Count > 0, Patience.Limit);

        Assert.Equal(assignment.LeaseToken, Assert.Single(frame.Heartbeat.Held).LeaseToken);
        _gate.SetResult();
    }

    [Fact]
    public async Task Refused_SaysWhyOnceAndTriesAgain()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        scheduler.Refusal = new RpcException(new Status(StatusCode.PermissionDenied, "The join key is wrong."));
        await using var node = await StartAsync(scheduler);
        await node.Logs.Lines.FirstAsync(
            line => line.Level == LogLevel.Warning && line.Text.Contains("--join-key", StringComparison.Ordinal),
            Patience.Limit);
        await node.Logs.Lines.FirstAsync(
            line => line.Text.Contains("after 3 tries", StringComparison.Ordinal), Patience.Limit);

        scheduler.Refusal = null;
        var session = await scheduler.SessionAsync();
        await session.CompletedAsync(await session.AssignAsync(Specs.Work()));

        Assert.Single(node.Logs.Lines.Items, line =>
            line.Level == LogLevel.Warning && line.Text.Contains("--join-key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refused_ForAnotherReasonThanBefore_SaysThatToo()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        scheduler.Refusal = new RpcException(new Status(StatusCode.Unavailable, "away"));
        await using var node = await StartAsync(scheduler);
        await SaysAsync("away");

        scheduler.Refusal = new RpcException(new Status(StatusCode.AlreadyExists, "Give this one an id of its own."));
        await SaysAsync("an id of its own");

        Task SaysAsync(string reason) => node.Logs.Lines.FirstAsync(
            line => line.Level == LogLevel.Warning && line.Text.Contains(reason, StringComparison.Ordinal), Patience.Limit);
    }

    [Fact]
    public async Task Refused_BeforeTheHelloIsRead_NamesTheReasonAtEachTry()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        scheduler.Refusal = new RpcException(new Status(StatusCode.Unavailable, "away"));
        await using var node = await StartAsync(scheduler);

        await node.Logs.Lines.FirstAsync(
            line => line.Text.Contains("after 40 tries", StringComparison.Ordinal), Patience.Limit);

        Assert.All(
            node.Logs.Lines.Items.Where(line => line.Category.EndsWith("NodeConnection", StringComparison.Ordinal)),
            line => Assert.Contains("away", line.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(EndReason.Cancelled)]
    [InlineData(EndReason.Expired)]
    [InlineData(EndReason.LeaseLost)]
    public async Task End_StopsTheWorkAtOnceAndFreesTheSlot(EndReason reason)
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler);
        var session = await scheduler.SessionAsync();
        var assignment = await session.AssignAsync(Specs.Work());
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        await session.EndAsync(assignment, reason);
        await _craftsman.Stopped.FirstAsync(_ => true, Patience.Limit);
        await session.Credits.FirstAsync(credit => credit == 2, Patience.Limit);

        Assert.DoesNotContain(session.Reports.Items, report => report.TaskId == assignment.TaskId);
    }

    [Fact]
    public async Task Ack_LeaseLost_IsDroppedWithALogLine()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        scheduler.Outcome = ReportOutcome.LeaseLost;
        await using var node = await StartAsync(scheduler);
        var session = await scheduler.SessionAsync();

        var assignment = await session.AssignAsync(Specs.Work());

        await node.Logs.Lines.FirstAsync(
            line => line.Level == LogLevel.Warning && line.Text.Contains(assignment.TaskId, StringComparison.Ordinal),
            Patience.Limit);
    }

    [Fact]
    public async Task Health_TellsWhetherASchedulerIsThere()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        scheduler.Refusal = new RpcException(new Status(StatusCode.Unavailable, "away"));
        await using var node = await StartAsync(scheduler);
        using var http = new HttpClient { BaseAddress = node.Address };
        await node.Logs.Lines.FirstAsync(line => line.Text.Contains("away", StringComparison.Ordinal), Patience.Limit);

        var before = await http.GetAsync(new Uri("/health", UriKind.Relative));
        scheduler.Refusal = null;
        await node.Logs.Lines.FirstAsync(line => line.Text.Contains("works for", StringComparison.Ordinal), Patience.Limit);
        var after = await http.GetAsync(new Uri("/health", UriKind.Relative));

        Assert.Equal(503, (int)before.StatusCode);
        Assert.Contains("away", await before.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(200, (int)after.StatusCode);
    }

    private Task<NodeHarness> StartAsync(
        ScriptedScheduler scheduler, Action<Dictionary<string, string?>>? settings = null, TimeProvider? clock = null) =>
        NodeHarness.StartAsync(scheduler, settings, node =>
        {
            node.Services.AddScripted(_craftsman);
            node.AddCraftsman<ScriptedCraftsman>("work");
        }, clock);
}
