using System.Diagnostics;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.RabbitMq;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>The contract where claims flow from the first one on, and what is promised of a flow.</summary>
public sealed class RabbitFlowQueueTests : QueueContract
{
    private protected override StoreEngine CreateEngine()
    {
        var engine = Flowing(new SqliteEngine());
        engine.Options.Quorum = true;
        return engine;
    }

    [Fact]
    public async Task Claims_ThatNobodyUses_GoBackAndTheFlowEnds()
    {
        var engine = Flowing(new SqliteEngine());
        await using var queue = await QueueHarness.StartAsync(engine);
        await EnqueueAsync(queue, 100);
        var first = await queue.MustLeaseAsync();
        var second = await queue.MustLeaseAsync();
        Assert.InRange((await engine.CountAsync()).Taken, 3, 100);

        queue.Clock.Advance(TimeSpan.FromSeconds(1));

        await engine.SettlesAtAsync((98, 2));
        await queue.CompleteAsync(second.Lease);
        await queue.CompleteAsync(first.Lease);
        await engine.SettlesAtAsync((98, 0));
    }

    [Fact]
    public async Task Claims_OfTasksThatEndInAnyOrder_AreAcknowledgedEach()
    {
        var engine = Flowing(new SqliteEngine());
        await using var queue = await QueueHarness.StartAsync(engine);
        await EnqueueAsync(queue, 100);
        var leased = new List<LeasedTask>();
        var clock = Stopwatch.StartNew();
        while (leased.Count < 100)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"{leased.Count} of 100 were leased.");
            leased.AddRange(await queue.Store.LeaseAsync(
                new LeaseRequest("node-1", 7, _ => true), CancellationToken.None));
        }

        var shuffled = Enumerable.Range(0, 100).OrderBy(number => number * 37 % 101).ToList();
        foreach (var number in shuffled.Where(number => number % 9 > 0))
        {
            await queue.CompleteAsync(leased[number].Lease);
        }

        await engine.SettlesAtAsync((0, 12));
        foreach (var number in shuffled.Where(number => number % 9 == 0))
        {
            await queue.CompleteAsync(leased[number].Lease);
        }

        await engine.SettlesAtAsync((0, 0));
    }

    [Fact]
    public async Task TwoSchedulers_OneHoldsClaimsAhead_TheOtherGetsThem()
    {
        var engine = Flowing(new RedisEngine(RedisServer.Shared));
        await using var left = await QueueHarness.StartAsync(engine);
        await using var right = await QueueHarness.StartAsync(engine);
        await EnqueueAsync(left, 10);
        await left.MustLeaseAsync();
        await left.MustLeaseAsync();
        var ready = new SemaphoreSlim(0);
        right.Store.TasksReady += () => ready.Release();

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var count = 2; count < 10; )
        {
            if (await right.LeaseAsync() is not null)
            {
                count++;
                continue;
            }

            left.Clock.Advance(TimeSpan.FromSeconds(0.3));
            await ready.WaitAsync(limit.Token);
        }

        Assert.Null(await left.LeaseAsync());
    }

    private static RabbitEngine Flowing(StoreEngine records) => new(RabbitServer.Shared, records) { FlowFrom = 1 };

    private static async Task EnqueueAsync(QueueHarness queue, int count) => await queue.Store.EnqueueAsync(
        [.. Enumerable.Range(0, count).Select(number => queue.NewTask($"{number}"))], CancellationToken.None);
}
