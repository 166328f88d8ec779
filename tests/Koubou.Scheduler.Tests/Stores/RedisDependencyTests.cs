using Koubou.Contracts;
using Koubou.Scheduler.Stores.Redis;
using StackExchange.Redis;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>The contract on a real server, and what becomes of dependants that one step does not tell.</summary>
public sealed class RedisDependencyTests : DependencyContract
{
    private const int ToldInAStep = 500;
    private const int Dependants = 2_500;

    private protected override StoreEngine CreateEngine() => new RedisEngine(RedisServer.Shared);

    [Fact]
    public async Task Dependants_MoreThanOneStepTells_AllLearnBeforeTheAnswer()
    {
        await using var queue = await StartAsync();
        await EnqueueWithDependantsAsync(queue);

        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);

        Assert.Equal((Dependants, 0), (await CountAsync(queue, TaskState.Queued), await CountAsync(queue, TaskState.Blocked)));
    }

    [Fact]
    public async Task Dependants_WithDependantsOfTheirOwn_AllLearnBeforeTheAnswer()
    {
        await using var queue = await StartAsync();
        var first = queue.NewTask("first");
        var pairs = Enumerable.Range(0, ToldInAStep * 2).Select(_ =>
        {
            var one = queue.NewTask("one", change: spec => spec.DependsOn.Add(first.Id.ToString()));
            return (One: one, Other: queue.NewTask("other", change: spec => spec.DependsOn.Add(one.Id.ToString())));
        }).ToList();
        await queue.Store.EnqueueAsync(
            [first, .. pairs.Select(pair => pair.One), .. pairs.Select(pair => pair.Other)], CancellationToken.None);

        await queue.CancelAsync(first.Id.ToString());

        Assert.Equal(pairs.Count * 2, await CountAsync(queue, TaskState.Failed));
    }

    [Fact]
    public async Task Submit_OfManyThatCannotRun_SaysSoOfEach()
    {
        await using var queue = await StartAsync();
        var failed = await queue.EnqueueAsync("failed");
        await queue.CancelAsync(failed);
        var first = queue.NewTask("first", change: spec => spec.DependsOn.Add(failed));
        var others = Enumerable.Range(0, ToldInAStep * 2)
            .Select(_ => queue.NewTask("other", change: spec => spec.DependsOn.Add(first.Id.ToString())));

        var receipts = await queue.Store.EnqueueAsync([first, .. others], CancellationToken.None);

        Assert.All(receipts, receipt => Assert.Equal(TaskState.Failed, receipt.State));
    }

    [Fact]
    public async Task TwoSchedulers_SweepWhatOneLeft_EachDependantLearnsOnce()
    {
        var engine = new RedisEngine(RedisServer.Shared);
        await using var left = await QueueHarness.StartAsync(engine);
        await using var right = await QueueHarness.StartAsync(engine);
        await CancelAndDieAsync(left, await EnqueueWithDependantsAsync(left));

        await Task.WhenAll(SweepAsync(left), SweepAsync(right));

        Assert.Equal(Dependants, await CountAsync(left, TaskState.Failed));
        Assert.Equal((Dependants + 1) * 2, (await right.EventsAsync()).Count);
    }

    [Fact]
    public async Task Sweep_WhileSomebodyTells_LeavesItToThem()
    {
        await using var queue = await StartAsync();
        await CancelAndDieAsync(queue, await EnqueueWithDependantsAsync(queue));

        await queue.Store.ReleaseDueAsync(10, CancellationToken.None);

        Assert.Equal(ToldInAStep, await CountAsync(queue, TaskState.Failed));
    }

    [Fact]
    public async Task SchedulerDies_BeforeAllAreTold_TheNextSweepTellsTheOthers()
    {
        await using var queue = await StartAsync();
        var first = await EnqueueWithDependantsAsync(queue);

        await CancelAndDieAsync(queue, first);
        Assert.Equal(ToldInAStep, await CountAsync(queue, TaskState.Failed));
        Assert.Equal(ChangeOutcome.WrongState, (await queue.DeleteAsync(first)).Outcome);
        await SweepAsync(queue);

        Assert.Equal((Dependants, 0), (await CountAsync(queue, TaskState.Failed), await CountAsync(queue, TaskState.Blocked)));
        Assert.Equal(ChangeOutcome.Changed, (await queue.DeleteAsync(first)).Outcome);
    }

    [Fact]
    public async Task Retried_BeforeAllAreTold_TheOthersWaitForIt()
    {
        await using var queue = await StartAsync();
        var first = await EnqueueWithDependantsAsync(queue);
        await CancelAndDieAsync(queue, first);

        await queue.RetryAsync(first);
        await SweepAsync(queue);
        Assert.Equal(Dependants - ToldInAStep, await CountAsync(queue, TaskState.Blocked));
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);

        Assert.Equal(Dependants - ToldInAStep, await CountAsync(queue, TaskState.Queued));
    }

    private static async Task<string> EnqueueWithDependantsAsync(QueueHarness queue)
    {
        var first = queue.NewTask("first");
        var others = Enumerable.Range(0, Dependants)
            .Select(_ => queue.NewTask("other", change: spec => spec.DependsOn.Add(first.Id.ToString())));
        await queue.Store.EnqueueAsync([first, .. others], CancellationToken.None);
        return first.Id.ToString();
    }

    // The step alone, as when its scheduler ends before it goes on.
    private static async Task CancelAndDieAsync(QueueHarness queue, string id)
    {
        var store = (RedisQueueStore)queue.Store;
        await store.Connection.RunAsync(database => database.ExecuteAsync(
            "FCALL", RedisLibrary.Name + "_cancel", 1, store.Connection.Root, queue.Clock.GetUtcNow().ToUnixTimeMilliseconds(), id));
    }

    // When whoever began to tell would have gone on long ago.
    private static async Task SweepAsync(QueueHarness queue)
    {
        queue.Clock.Advance(TimeSpan.FromSeconds(2));
        await queue.Store.ReleaseDueAsync(10, CancellationToken.None);
    }

    private static async Task<long> CountAsync(QueueHarness queue, TaskState state) =>
        (await queue.Store.CountAsync(CancellationToken.None)).GetValueOrDefault(state);
}
