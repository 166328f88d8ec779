using Google.Protobuf.WellKnownTypes;
using Koubou.Worker.Memory;
using Koubou.Worker.Tests.Harness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Worker.Tests.Pool;

public sealed class CraftsmanPoolTests
{
    private readonly ScriptedCraftsman _craftsman = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task Credit_UnderABacklog_NeverExceedsTheSlots(int slotsMax)
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, slotsMax);
        var session = await scheduler.SessionAsync();

        var assigned = await session.AssignAllAsync(Enumerable.Range(0, 300).Select(n => Specs.Work($"{n}")));
        foreach (var assignment in assigned)
        {
            await session.CompletedAsync(assignment);
        }

        Assert.InRange(session.LeasedMax, 1, slotsMax);
        Assert.All(session.Credits.Items, credit => Assert.InRange(credit, 0, slotsMax));
        Assert.All(session.Reports.Items, report => Assert.InRange(report.Completed.Facts.Slot, 1, slotsMax));
        Assert.Equal(300, session.Reports.Items.Count);
    }

    [Fact]
    public async Task Pool_WithBacklog_GrowsToItsMax()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, slotsMax: 5);
        var session = await scheduler.SessionAsync();

        var assigned = await session.AssignAllAsync(Enumerable.Range(0, 5).Select(n => Specs.Work($"{n}")));
        await session.Frames.FirstAsync(frame => frame.Offer?.Slots == 5, Patience.Limit);

        Assert.Equal(5, node.Pool.Slots);
        Assert.Equal(5, session.Leased);
        Assert.Equal(0, session.Credit);
        _gate.SetResult();
        await session.CompletedAsync(assigned[4]);
    }

    [Fact]
    public async Task Pool_WhileMemoryRunsShort_DoesNotGrow_AndTheOfferSaysWhatMendsIt()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await NodeHarness.StartAsync(
            scheduler,
            craftsmen: node =>
            {
                node.Services.AddScripted(_craftsman);
                node.AddCraftsman<ScriptedCraftsman>("work");
            },
            services: services => services.AddSingleton<IMemoryGauge>(new FixedMemory(AvailableMebibytes: 100)));
        var session = await scheduler.SessionAsync();
        var offer = await session.OfferAsync(offer => offer.Troubles.Count > 0);

        var assigned = await session.AssignAsync(Specs.Work());
        await session.Frames.FirstAsync(frame => frame.Credit == 0, Patience.Limit);

        Assert.Contains("--max-workers 2", Assert.Single(offer.Troubles), StringComparison.Ordinal);
        Assert.Equal(1, node.Pool.Slots);
        _gate.SetResult();
        await session.CompletedAsync(assigned);
    }

    [Fact]
    public async Task Pool_OneTaskAtATime_KeepsOneSlotInReserve()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, slotsMax: 8);
        var session = await scheduler.SessionAsync();

        for (var n = 0; n < 20; n++)
        {
            await session.CompletedAsync(await session.AssignAsync(Specs.Work()));
        }

        Assert.Equal(2, node.Pool.Slots);
    }

    [Fact]
    public async Task Pool_IdleForAPeriod_ShrinksAndTakesItsCreditBack()
    {
        _craftsman.WaitFor(_gate.Task);
        var clock = new FakeTimeProvider();
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, slotsMax: 4, clock);
        var session = await scheduler.SessionAsync();
        var assigned = await session.AssignAllAsync(Enumerable.Range(0, 4).Select(n => Specs.Work($"{n}")));
        _gate.SetResult();
        foreach (var assignment in assigned)
        {
            await session.CompletedAsync(assignment);
        }

        await session.Credits.FirstAsync(_ => session.Credit == 4, Patience.Limit);
        clock.Advance(TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromSeconds(30));
        await session.Credits.FirstAsync(_ => session.Credit == 1, Patience.Limit);

        Assert.Equal(1, node.Pool.Slots);
        await session.CompletedAsync(await session.AssignAsync(Specs.Work()));
    }

    [Fact]
    public async Task Pool_TaskOnItsWayWhileShrinking_IsStillTaken()
    {
        var clock = new FakeTimeProvider();
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, slotsMax: 4, clock);
        var session = await scheduler.SessionAsync();
        await session.Credits.FirstAsync(_ => session.Credit == 1, Patience.Limit);
        _craftsman.WaitFor(_gate.Task);

        // Two more than the one slot: as if they had left before the credit was taken back.
        var assigned = new[]
        {
            await session.ForceAssignAsync(Specs.Work("a")),
            await session.ForceAssignAsync(Specs.Work("b")),
            await session.ForceAssignAsync(Specs.Work("c")),
        };
        _gate.SetResult();
        foreach (var assignment in assigned)
        {
            await session.CompletedAsync(assignment);
        }

        await session.Credits.FirstAsync(_ => session.Credit == node.Pool.Slots, Patience.Limit);
    }

    [Fact]
    public async Task Pool_MoreThanItsMax_IsGivenBack()
    {
        _craftsman.WaitFor(_gate.Task);
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, slotsMax: 1);
        var session = await scheduler.SessionAsync();
        var first = await session.AssignAsync(Specs.Work());

        var second = await session.ForceAssignAsync(Specs.Work());
        var givenBack = await session.GivenBackAsync(second);
        _gate.SetResult();
        await session.CompletedAsync(first);

        Assert.Equal("no_slot", givenBack.Reason.Code);
    }

    [Fact]
    public async Task Attempt_BeyondItsTimeout_FailsTransiently()
    {
        _craftsman.WaitFor(_gate.Task);
        var clock = new FakeTimeProvider();
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, slotsMax: 1, clock);
        var session = await scheduler.SessionAsync();
        var spec = Specs.Work();
        spec.Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(90));
        var assignment = await session.AssignAsync(spec);
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        clock.Advance(TimeSpan.FromSeconds(91));
        var failed = await session.FailedAsync(assignment);

        Assert.Equal("timeout", failed.Error.Code);
        Assert.Equal(Contracts.FailureKind.Transient, failed.Error.Kind);
        Assert.Contains("90 seconds", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempt_ThatIgnoresItsTimeout_IsReportedAllTheSame()
    {
        _craftsman.Script = async (_, _, _) =>
        {
            await _gate.Task;
            return "too late";
        };
        var clock = new FakeTimeProvider();
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await StartAsync(scheduler, slotsMax: 1, clock);
        var session = await scheduler.SessionAsync();
        var spec = Specs.Work();
        spec.Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(10));
        var assignment = await session.AssignAsync(spec);
        await _craftsman.Begun.FirstAsync(_ => true, Patience.Limit);

        clock.Advance(TimeSpan.FromSeconds(30));
        var failed = await session.FailedAsync(assignment);
        var creditWhileOccupied = session.Credit;
        _gate.SetResult();
        await session.Credits.FirstAsync(_ => session.Credit == 1, Patience.Limit);

        Assert.Equal("timeout", failed.Error.Code);
        Assert.Equal(0, creditWhileOccupied);
        Assert.Single(session.Reports.Items);
    }

    private Task<NodeHarness> StartAsync(ScriptedScheduler scheduler, int slotsMax, TimeProvider? clock = null) =>
        NodeHarness.StartAsync(
            scheduler,
            values => values["Koubou:Worker:SlotsMax"] = $"{slotsMax}",
            node =>
            {
                node.Services.AddScripted(_craftsman);
                node.AddCraftsman<ScriptedCraftsman>("work");
            },
            clock);
}
