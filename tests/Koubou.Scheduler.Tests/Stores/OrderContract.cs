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
