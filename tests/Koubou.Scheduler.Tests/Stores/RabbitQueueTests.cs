using Koubou.Contracts;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.RabbitMq;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>The contract on a real broker with records in a file, and what this engine alone promises.</summary>
public sealed class RabbitQueueTests : QueueContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnSqlite(RabbitServer.Shared);

    [Fact]
    public async Task Open_NoServer_SaysWhatToRun()
    {
        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => OpenAsync("amqp://guest:guest@127.0.0.1:1"));

        Assert.Contains("rabbitmq-server", error.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:rabbitmq", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WrongPassword_SaysWhereItStands()
    {
        var error = await Assert.ThrowsAsync<StoreUnusableException>(
            () => OpenAsync(RabbitServer.Shared.Address.Replace("guest:guest", "guest:wrong", StringComparison.Ordinal)));

        Assert.Contains("password", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_UnknownVirtualHost_SaysHowToMakeIt()
    {
        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => OpenAsync(RabbitServer.Shared.Address + "/nowhere"));

        Assert.Contains("rabbitmqctl add_vhost", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NoAddress_ShowsOne()
    {
        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => OpenAsync("localhost"));

        Assert.Contains("amqp://", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_TwoSchedulersWithRecordsOfTheirOwn_SecondIsRefused()
    {
        var engine = RabbitEngine.OnSqlite(RabbitServer.Shared);
        await using var queue = await QueueHarness.StartAsync(engine);

        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => QueueHarness.StartAsync(
            new RabbitEngine(RabbitServer.Shared, new SqliteEngine()) { Options = engine.Options }));

        Assert.Contains("Queue:RabbitMq:Records=Redis", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_OfATask_IsHeldAsLongAsTheLeaseAndAcknowledgedAfterTheRecord()
    {
        var engine = RabbitEngine.OnSqlite(RabbitServer.Shared);
        await using var queue = await QueueHarness.StartAsync(engine);
        await queue.EnqueueAsync("x");
        Assert.Equal((1, 0), await engine.CountAsync());

        var leased = await queue.MustLeaseAsync();
        Assert.Equal((0, 1), await engine.CountAsync());

        await queue.LoseAsync(leased.Lease);
        leased = await queue.MustLeaseAsync();
        Assert.Equal((0, 1), await engine.CountAsync());

        await queue.CompleteAsync(leased.Lease);
        await engine.SettlesAtAsync((0, 0));
    }

    [Fact]
    public async Task Message_OfATaskThatWasCancelled_IsDropped()
    {
        var engine = RabbitEngine.OnSqlite(RabbitServer.Shared);
        await using var queue = await QueueHarness.StartAsync(engine);
        var ids = new List<string>();
        for (var number = 0; number < 4; number++)
        {
            ids.Add(await queue.EnqueueAsync($"{number}"));
        }

        await queue.Store.CancelAsync(ids[..3], CancellationToken.None);
        var sweep = ((RabbitMqQueueStore)queue.Store).Sweep;
        await sweep.RunOnceAsync();
        await sweep.RunOnceAsync();

        Assert.Equal((1, 0), await engine.CountAsync());
        Assert.Equal(ids[3], (await queue.MustLeaseAsync()).Lease.TaskId);
        Assert.Null(await queue.LeaseAsync());
    }

    [Fact]
    public async Task Message_ThatFoundNoFittingTask_GoesBackToItsQueue()
    {
        var engine = RabbitEngine.OnSqlite(RabbitServer.Shared);
        await using var queue = await QueueHarness.StartAsync(engine);
        await queue.EnqueueAsync("x", 5, spec => spec.Model = "big");
        Assert.Empty(await queue.Store.LeaseAsync(new LeaseRequest("small", 1, _ => false), CancellationToken.None));

        queue.Clock.Advance(TimeSpan.FromSeconds(1));

        await engine.SettlesAtAsync((1, 0));
        await queue.MustLeaseAsync();
    }

    [Fact]
    public async Task Lease_NodeOfOtherTypes_TakesNoMessage()
    {
        var engine = RabbitEngine.OnSqlite(RabbitServer.Shared);
        await using var queue = await QueueHarness.StartAsync(engine);
        await queue.EnqueueAsync("x");

        await queue.Store.LeaseAsync(
            new LeaseRequest("coder", 1, lane => lane.Type == "code") { Takes = type => type == "code" }, CancellationToken.None);

        Assert.Equal((1, 0), await engine.CountAsync());
    }

    [Fact]
    public async Task QuorumQueue_CarriesTheSame()
    {
        var engine = RabbitEngine.OnSqlite(RabbitServer.Shared);
        engine.Options.Quorum = true;
        await using var queue = await QueueHarness.StartAsync(engine);
        foreach (var (prompt, priority) in new[] { ("a", 5), ("b", 9), ("c", 1) })
        {
            await queue.EnqueueAsync(prompt, priority);
        }

        var order = "";
        for (var turn = 0; turn < 3; turn++)
        {
            var leased = await queue.MustLeaseAsync();
            order += leased.Spec.Prompt;
            await queue.CompleteAsync(leased.Lease);
        }

        Assert.Equal("bac", order);
        await engine.SettlesAtAsync((0, 0));
    }

    [Fact]
    public async Task TwoSchedulers_RecordsInRedis_EachTaskIsLeasedOnceAndTheBrokerIsEmptyAfter()
    {
        var engine = RabbitEngine.OnRedis(RabbitServer.Shared);
        await using var left = await QueueHarness.StartAsync(engine);
        await using var right = await QueueHarness.StartAsync(engine);
        await left.Store.EnqueueAsync(
            [.. Enumerable.Range(0, 200).Select(number => left.NewTask($"{number}"))], CancellationToken.None);

        var unfinished = 200;
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var leased = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var queue = worker % 2 == 0 ? left : right;
            var mine = new List<LeaseKey>();
            var ready = new SemaphoreSlim(0);
            queue.Store.TasksReady += () => ready.Release();
            while (!over.IsCancellationRequested)
            {
                if (await queue.LeaseAsync($"node-{worker}") is not { } task)
                {
                    await ready.WaitAsync(over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    continue;
                }

                mine.Add(task.Lease);
                Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(task.Lease));
                if (Interlocked.Decrement(ref unfinished) == 0)
                {
                    await over.CancelAsync();
                }
            }

            return mine;
        })));

        Assert.Equal(200, leased.SelectMany(each => each).Select(lease => lease.TaskId).Distinct().Count());
        Assert.Equal(200, leased.Sum(each => each.Count));
        await engine.SettlesAtAsync((0, 0));
    }

    [Fact]
    public async Task TwoSchedulers_TaskComesBackAtOne_TheOtherLeasesIt()
    {
        var engine = RabbitEngine.OnRedis(RabbitServer.Shared);
        await using var left = await QueueHarness.StartAsync(engine);
        await using var right = await QueueHarness.StartAsync(engine);
        var id = await right.EnqueueAsync("x");
        var first = await right.MustLeaseAsync();
        var ready = new TaskCompletionSource();

        await right.LoseAsync(first.Lease);
        LeasedTask? again = null;
        right.Store.TasksReady += () => ready.TrySetResult();
        while ((again = await right.LeaseAsync()) is null)
        {
            await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
            ready = new TaskCompletionSource();
        }

        Assert.Equal(id, again.Lease.TaskId);
        Assert.Equal(2, again.Attempt);
    }

    private static Task<QueueHarness> OpenAsync(string address) =>
        QueueHarness.StartAsync(new RabbitEngine(address, new SqliteEngine())
        {
            Options = new RabbitMqOptions { ConnectTimeout = TimeSpan.FromSeconds(2) },
        });
}
