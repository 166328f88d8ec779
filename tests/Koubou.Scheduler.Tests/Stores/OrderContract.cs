using CsCheck;
using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Tests.Stores;

public abstract class OrderContract : EngineContract
{
    [Fact]
    public async Task Ageing_LowPriorityWaitedLong_GoesBeforeFreshHighPriority()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("old", priority: 1);

        queue.Clock.Advance(queue.Order.AgeingStep * 8);
        await queue.EnqueueAsync("young", priority: 10);
        Assert.Equal("young", (await queue.MustLeaseAsync()).Spec.Prompt);

        queue.Clock.Advance(queue.Order.AgeingStep * 2);
        await queue.EnqueueAsync("younger", priority: 10);
        Assert.Equal("old", (await queue.MustLeaseAsync()).Spec.Prompt);
    }

    [Fact]
    public async Task Ageing_OfSeveralInOneLease_CountsForTheOldAlone()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("old", priority: 1);
        queue.Clock.Advance(queue.Order.AgeingStep * 5);
        await queue.EnqueueAsync("low", priority: 1);
        await queue.EnqueueAsync("urgent", priority: 5);

        var leased = await queue.Store.LeaseAsync(new LeaseRequest("node-1", 3, _ => true), CancellationToken.None);

        Assert.Equal(["old", "urgent", "low"], leased.Select(task => task.Spec.Prompt));
    }

    [Fact]
    public async Task Ageing_ConstantStreamOfUrgentWork_StarvesNobody()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("patient", priority: 1);
        var waited = TimeSpan.Zero;
        var bound = (9 * queue.Order.AgeingStep) + TimeSpan.FromMinutes(2);

        while (true)
        {
            await queue.EnqueueAsync("urgent", priority: 10);
            var leased = await queue.MustLeaseAsync();
            await queue.CompleteAsync(leased.Lease);
            if (leased.Spec.Prompt == "patient")
            {
                break;
            }

            queue.Clock.Advance(TimeSpan.FromMinutes(1));
            waited += TimeSpan.FromMinutes(1);
            Assert.True(waited <= bound, $"waited {waited}");
        }
    }

    [Fact]
    public async Task FairShare_OneClientsThousands_DelayAnothersSingleTaskByAFew()
    {
        await using var queue = await StartAsync();
        await queue.Store.EnqueueAsync(
            [.. Enumerable.Range(0, 10_000).Select(_ => queue.NewTask("many", 5, spec => spec.Client = "greedy"))],
            CancellationToken.None);
        for (var done = 0; done < 100; done++)
        {
            await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        }

        var single = await queue.EnqueueAsync("one", 5, spec => spec.Client = "modest");

        Assert.InRange((await queue.GetAsync(single)).QueuePosition, 1, 3);
        Assert.InRange(await TurnsUntilAsync(queue, single), 1, 3);
    }

    [Fact]
    public async Task FairShare_AcrossTaskTypes_HoldsTheSame()
    {
        await using var queue = await StartAsync();
        await queue.Store.EnqueueAsync(
            [.. Enumerable.Range(0, 1_000).Select(_ => queue.NewTask("many", 5, spec => spec.Client = "greedy"))],
            CancellationToken.None);

        var single = await queue.EnqueueAsync("one", 5, spec => (spec.Client, spec.Type) = ("modest", "code"));

        Assert.InRange(await TurnsUntilAsync(queue, single), 1, 3);
    }

    [Fact]
    public async Task FairShare_ClientThatSubmitsOneByOne_DoesNotStarveTheOther()
    {
        await using var queue = await StartAsync();
        await queue.Store.EnqueueAsync(
            [.. Enumerable.Range(0, 100).Select(_ => queue.NewTask("many", 5, spec => spec.Client = "batch"))],
            CancellationToken.None);
        var batchTurns = 0;

        for (var turn = 0; turn < 50; turn++)
        {
            await queue.EnqueueAsync("one", 5, spec => spec.Client = "chatty");
            var leased = await queue.MustLeaseAsync();
            batchTurns += leased.Spec.Client == "batch" ? 1 : 0;
            await queue.CompleteAsync(leased.Lease);
        }

        Assert.InRange(batchTurns, 20, 30);
    }

    [Fact]
    public async Task FairShare_AnyInterleaving_PassesNobodyOverTwiceForTheSameClient() =>
        await Gen.Select(Gen.Int[0, 7], Gen.Int[0, 1_000]).Array[1, 80].SampleAsync(
            async steps =>
            {
                await using var queue = await StartAsync();
                var turns = new Turns(queue);
                foreach (var (operation, choice) in steps)
                {
                    await turns.StepAsync(operation, choice);
                }

                await turns.DrainAsync();
            },
            iter: 40,
            threads: 1);

    [Fact]
    public async Task FairShare_Position_IsTheTurnAtWhichItStarts()
    {
        await using var queue = await StartAsync();
        foreach (var client in (string[])["a", "a", "b", "a", "c", "b", "b"])
        {
            await queue.EnqueueAsync("x", 5, spec => spec.Client = client);
        }

        await queue.MustLeaseAsync();
        var single = await queue.EnqueueAsync("x", 5, spec => spec.Client = "d");
        var second = await queue.EnqueueAsync("x", 5, spec => spec.Client = "c");

        var positions = ((await queue.GetAsync(single)).QueuePosition, (await queue.GetAsync(second)).QueuePosition);
        var order = new List<string>();
        while (await queue.LeaseAsync() is { } leased)
        {
            order.Add(leased.Lease.TaskId);
        }

        Assert.Equal((order.IndexOf(single) + 1, order.IndexOf(second) + 1), positions);
    }

    [Fact]
    public async Task Affinity_LoadedModel_GoesFirstUntilTheOthersWaitedLong()
    {
        await using var queue = await StartAsync();
        for (var index = 0; index < 3; index++)
        {
            await queue.EnqueueAsync("other", 5, spec => spec.Model = "other");
            await queue.EnqueueAsync("loaded", 5, spec => spec.Model = "loaded");
        }

        var request = new LeaseRequest("node-1", 1, _ => true, lane => lane.Model == "loaded");
        var early = await queue.Store.LeaseAsync(request with { Count = 2 }, CancellationToken.None);
        queue.Clock.Advance(queue.Order.AffinityDelay + TimeSpan.FromSeconds(1));
        var late = await queue.Store.LeaseAsync(request, CancellationToken.None);

        Assert.Equal(["loaded", "loaded"], early.Select(task => task.Spec.Prompt));
        Assert.Equal("other", late.Single().Spec.Prompt);
    }

    [Fact]
    public async Task Affinity_UnderABacklog_GoesOnForTheDelay_HoweverLongTheOthersWaited()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("other", 5, spec => spec.Model = "other");
        for (var index = 0; index < 3; index++)
        {
            await queue.EnqueueAsync("loaded", 5, spec => spec.Model = "loaded");
        }

        queue.Clock.Advance(TimeSpan.FromHours(1));
        var request = new LeaseRequest("node-1", 1, _ => true, lane => lane.Model == "loaded", queue.Clock.GetUtcNow());
        queue.Clock.Advance(queue.Order.AffinityDelay);
        var early = await queue.Store.LeaseAsync(request, CancellationToken.None);
        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        var late = await queue.Store.LeaseAsync(request, CancellationToken.None);

        Assert.Equal("loaded", early.Single().Spec.Prompt);
        Assert.Equal("other", late.Single().Spec.Prompt);
    }

    [Fact]
    public async Task Affinity_OfManyModels_GivesEachAShorterTurn()
    {
        await using var queue = await StartAsync();
        for (var model = 0; model < 100; model++)
        {
            await queue.EnqueueAsync("other", 5, spec => spec.Model = $"other-{model}");
        }

        await queue.EnqueueAsync("loaded", 5, spec => spec.Model = "loaded");
        var request = new LeaseRequest("node-1", 1, _ => true, lane => lane.Model == "loaded", queue.Clock.GetUtcNow());
        queue.Clock.Advance((queue.Order.AgeingStep / 100) + TimeSpan.FromSeconds(1));

        var leased = await queue.Store.LeaseAsync(request, CancellationToken.None);

        Assert.Equal("other", leased.Single().Spec.Prompt);
    }

    [Fact]
    public async Task Affinity_TaskOfAnotherModel_IsTheLastOfItsLease()
    {
        await using var queue = await StartAsync();
        foreach (var model in (string[])["first", "second", "first", "second"])
        {
            await queue.EnqueueAsync(model, 5, spec => spec.Model = model);
        }

        var begun = await queue.Store.LeaseAsync(
            new LeaseRequest("node-1", 4, _ => true, _ => false), CancellationToken.None);
        var rest = await queue.Store.LeaseAsync(
            new LeaseRequest("node-1", 4, _ => true, lane => lane.Model == "first", queue.Clock.GetUtcNow()),
            CancellationToken.None);

        Assert.Equal(["first"], begun.Select(task => task.Spec.Prompt));
        Assert.Equal(["first", "second"], rest.Select(task => task.Spec.Prompt));
    }

    [Fact]
    public async Task Affinity_SameModelWithOtherRunnerOptions_IsAnotherLane()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("small", 5, spec => spec.Options.Add("num_ctx", "4096"));
        await queue.EnqueueAsync("large", 5, spec => spec.Options.Add("num_ctx", "32768"));
        await queue.EnqueueAsync("warm", 5, spec => spec.Options.Add("temperature", "0.7"));

        await queue.RestartAsync();
        var lanes = new List<LaneKey>();
        var leased = await queue.Store.LeaseAsync(
            new LeaseRequest("node-1", 1, _ => true, lane =>
            {
                lanes.Add(lane);
                return lane.Runner == "num_ctx=32768";
            }),
            CancellationToken.None);

        Assert.Equal("large", leased.Single().Spec.Prompt);
        Assert.Equal(["", "num_ctx=32768", "num_ctx=4096"], lanes.Select(lane => lane.Runner).Distinct().Order());
    }

    [Fact]
    public async Task Affinity_UrgentTaskOfAnotherModel_GoesFirstAllTheSame()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("loaded", 5, spec => spec.Model = "loaded");
        await queue.EnqueueAsync("urgent", 9, spec => spec.Model = "other");

        var leased = await queue.Store.LeaseAsync(
            new LeaseRequest("node-1", 1, _ => true, lane => lane.Model == "loaded"), CancellationToken.None);

        Assert.Equal("urgent", leased.Single().Spec.Prompt);
    }

    [Fact]
    public async Task Returned_AmongYoungerOnesOfItsClient_GoesFirst()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("first");
        await queue.EnqueueAsync("second");
        var first = await queue.MustLeaseAsync();

        await queue.LoseAsync(first.Lease);

        Assert.Equal("first", (await queue.MustLeaseAsync()).Spec.Prompt);
    }

    private static async Task<int> TurnsUntilAsync(QueueHarness queue, string id)
    {
        for (var turn = 1; ; turn++)
        {
            var leased = await queue.MustLeaseAsync();
            if (leased.Lease.TaskId == id)
            {
                return turn;
            }

            await queue.CompleteAsync(leased.Lease);
        }
    }
}
