using Koubou.Contracts;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Redis;
using Koubou.Scheduler.Submission;
using StackExchange.Redis;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>The contract on a real server, and what this engine alone promises.</summary>
public sealed class RedisQueueTests : QueueContract
{
    private protected override StoreEngine CreateEngine() => new RedisEngine(RedisServer.Shared);

    [Fact]
    public async Task Open_NoServer_SaysWhatToRun()
    {
        await using var server = await RedisServer.StartAsync();
        server.Kill();

        var error = await Assert.ThrowsAsync<StoreUnusableException>(
            () => QueueHarness.StartAsync(
                new RedisEngine(server) { Options = new RedisOptions { ConnectTimeout = TimeSpan.FromSeconds(2) } }));

        Assert.Contains("redis-server", error.Message, StringComparison.Ordinal);
        Assert.Contains(server.Address, error.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:redis", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", "koubou export")]
    [InlineData("4", "Update Koubou")]
    public async Task Open_QueueOfAnotherVersion_SaysWhatToDoAndChangesNothing(string version, string advice)
    {
        var engine = new RedisEngine(RedisServer.Shared);
        await using var admin = await ConnectionMultiplexer.ConnectAsync(RedisServer.Shared.Address);
        var meta = $"{{koubou:{engine.Options.Queue}}}:meta";
        await admin.GetDatabase().HashSetAsync(meta, "schema", version);

        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => QueueHarness.StartAsync(engine));

        Assert.Contains($"has version {version}; this Koubou knows 3.", error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        Assert.Equal([new HashEntry("schema", version)], await admin.GetDatabase().HashGetAllAsync(meta));
    }

    [Fact]
    public async Task ServerKilled_ComesBack_NothingAnsweredIsLostAndWorkGoesOn()
    {
        await using var server = await RedisServer.StartAsync();
        await using var queue = await QueueHarness.StartAsync(new RedisEngine(server));
        var done = await queue.EnqueueAsync("done");
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease, "the answer");
        var running = await queue.EnqueueAsync("running");
        var leased = await queue.MustLeaseAsync();
        var waiting = await queue.EnqueueAsync("waiting");
        var ready = new TaskCompletionSource();

        server.Kill();
        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => queue.EnqueueAsync("refused"));
        Assert.Contains("redis-server", error.Message, StringComparison.Ordinal);
        queue.Store.TasksReady += () => ready.TrySetResult();
        await server.RunAsync();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("the answer", (await queue.GetAsync(done)).Output);
        Assert.Empty(await queue.Store.RenewAsync([leased.Lease], CancellationToken.None));
        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(leased.Lease));
        Assert.Equal(waiting, (await queue.MustLeaseAsync()).Lease.TaskId);
        Assert.Equal(TaskState.Succeeded, await queue.StateOfAsync(running));
        var events = await queue.EventsAsync();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(each => each.Sequence));
    }

    [Fact]
    public async Task Primary_DiesAndItsReplicaIsPromoted_WorkGoesOnThere()
    {
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync(primary: primary);
        var engine = new RedisEngine(primary)
        {
            Address = $"{primary.Address},{replica.Address}",
            Options = new RedisOptions { RetryFor = TimeSpan.FromMinutes(1), StepTimeout = TimeSpan.FromSeconds(5) },
        };
        await using var queue = await QueueHarness.StartAsync(engine);
        await using var admin = await ConnectionMultiplexer.ConnectAsync(replica.Address + ",allowAdmin=true");
        await using var before = await ConnectionMultiplexer.ConnectAsync(primary.Address + ",asyncTimeout=60000");
        var running = await queue.EnqueueAsync("running");
        var leased = await queue.MustLeaseAsync();
        var waiting = await queue.EnqueueAsync("waiting");
        Assert.Equal(1, (long)await before.GetDatabase().ExecuteAsync("WAIT", 1, 30_000));

        primary.Kill();
        await admin.GetServers()[0].ExecuteAsync("REPLICAOF", "NO", "ONE");

        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(leased.Lease));
        Assert.Equal(TaskState.Succeeded, await queue.StateOfAsync(running));
        Assert.Equal(waiting, (await queue.MustLeaseAsync()).Lease.TaskId);
    }

    [Fact]
    public async Task FunctionsGone_NextStep_LoadsThemAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var queue = await QueueHarness.StartAsync(new RedisEngine(server));
        await using var admin = await ConnectionMultiplexer.ConnectAsync(server.Address + ",allowAdmin=true");
        await admin.GetServers()[0].ExecuteAsync("FUNCTION", "FLUSH");

        var id = await queue.EnqueueAsync("x");

        Assert.Equal(id, (await queue.MustLeaseAsync()).Lease.TaskId);
    }

    [Fact]
    public async Task TwoSchedulers_OneQueue_EachTaskIsLeasedOnceAndBothSeeTheLog()
    {
        var engine = new RedisEngine(RedisServer.Shared);
        await using var left = await QueueHarness.StartAsync(engine);
        await using var right = await QueueHarness.StartAsync(engine);
        await left.Store.EnqueueAsync(
            [.. Enumerable.Range(0, 200).Select(number => left.NewTask($"{number}"))], CancellationToken.None);

        var leased = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var queue = worker % 2 == 0 ? left : right;
            var mine = new List<LeaseKey>();
            while (await queue.LeaseAsync($"node-{worker}") is { } task)
            {
                mine.Add(task.Lease);
                Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(task.Lease));
            }

            return mine;
        })));

        Assert.Equal(200, leased.SelectMany(each => each).Select(lease => lease.TaskId).Distinct().Count());
        Assert.Equal(200, leased.Sum(each => each.Count));
        Assert.Equal(await left.EventsAsync(), await right.EventsAsync());
        Assert.Equal(600, right.Store.Events.LastSequence);
    }

    [Fact]
    public async Task TwoSchedulers_LeaseRunsOut_IsReapedOnce()
    {
        var engine = new RedisEngine(RedisServer.Shared);
        await using var left = await QueueHarness.StartAsync(engine);
        await using var right = await QueueHarness.StartAsync(engine);
        await left.EnqueueAsync("x");
        await left.MustLeaseAsync();
        left.Clock.Advance(left.Lease.Duration + TimeSpan.FromMinutes(1));
        right.Clock.Advance(left.Lease.Duration + TimeSpan.FromMinutes(1));

        var reaped = await Task.WhenAll(
            Task.Run(() => left.Store.ReapLeasesAsync(100, CancellationToken.None)),
            Task.Run(() => right.Store.ReapLeasesAsync(100, CancellationToken.None)));

        Assert.Equal(1, reaped.Sum());
    }

    [Fact]
    public async Task TwoSchedulers_TaskSubmittedAtOne_WakesTheOther()
    {
        var engine = new RedisEngine(RedisServer.Shared);
        await using var left = await QueueHarness.StartAsync(engine);
        await using var right = await QueueHarness.StartAsync(engine);
        var ready = new TaskCompletionSource();
        right.Store.TasksReady += () => ready.TrySetResult();
        var before = right.Store.Events.LastSequence;

        await left.EnqueueAsync("x");

        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await right.Store.Events.WaitBeyondAsync(before, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single((await right.EventsAsync()));
    }

    [Fact]
    public async Task Enqueue_SameIdsAgain_IsTheSameAnswerAndNoSecondTask()
    {
        await using var queue = await StartAsync();
        var task = queue.NewTask("x");

        var first = await queue.Store.EnqueueAsync([task], CancellationToken.None);
        var again = await queue.Store.EnqueueAsync([task], CancellationToken.None);

        Assert.Equal(first[0].Id, again[0].Id);
        Assert.False(again[0].Duplicate);
        Assert.Equal(1, (await queue.Store.CountAsync(CancellationToken.None))[TaskState.Queued]);
    }

    [Fact]
    public async Task Lease_TheSameWishAgain_GivesTheSameTasks()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("first");
        await queue.EnqueueAsync("second");
        var connection = ((RedisQueueStore)queue.Store).Connection;

        // As after an answer that was lost on its way: now, duration, ageing, affinity, node, wish, lanes known, count, lanes that
        // fit, lanes held, since when, a token.
        RedisValue[] wish = [0, 30_000, 300_000, 1_000, "node-1", "wish-1", "1", 1, "1", "any", 0, "42"];
        var given = (RedisResult[])(await connection.CallAsync("lease", wish))!;
        var again = (RedisResult[])(await connection.CallAsync("lease", wish))!;

        Assert.Equal((string?)given[1], (string?)again[1]);
        Assert.Equal(("42", 1, given.Length), ((string?)again[2], (int)again[3], again.Length));
        Assert.Equal(1, (await queue.Store.CountAsync(CancellationToken.None))[TaskState.Running]);
    }

    [Fact]
    public async Task Enqueue_QueueFull_WritesNothing()
    {
        await using var server = await RedisServer.StartAsync();
        await using var queue = await QueueHarness.StartAsync(
            new RedisEngine(server), limits: new SubmitLimits { LiveTasksMax = 1 });
        await queue.EnqueueAsync("first");
        await using var admin = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var before = await DumpAsync(admin);

        await Assert.ThrowsAsync<QueueFullException>(() => queue.EnqueueAsync("second", 5, spec => spec.Type = "another"));

        Assert.Equal(before, await DumpAsync(admin));

        static async Task<SortedDictionary<string, string>> DumpAsync(ConnectionMultiplexer admin)
        {
            var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var key in admin.GetServers()[0].Keys())
            {
                all[key.ToString()] = Convert.ToHexString((await admin.GetDatabase().KeyDumpAsync(key))!);
            }

            return all;
        }
    }

    [Fact]
    public async Task Keys_OfAQueue_LieInOneSlot()
    {
        await using var server = await RedisServer.StartAsync();
        await using var queue = await QueueHarness.StartAsync(new RedisEngine(server) { Options = new RedisOptions { Queue = "q" } });
        await queue.EnqueueAsync("x", 5, spec =>
        {
            spec.Labels["a"] = "b";
            spec.BatchId = "night";
            spec.IdempotencyKey = "k";
        });
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);

        await using var admin = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var keys = admin.GetServers()[0].Keys(pageSize: 1000).Select(key => key.ToString()).ToList();

        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.StartsWith("{koubou:q}:", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Finished_AllDeleted_LeavesNoKeysOfTheTasks()
    {
        await using var server = await RedisServer.StartAsync();
        await using var queue = await QueueHarness.StartAsync(new RedisEngine(server));
        var first = await queue.EnqueueAsync("x", 5, spec => (spec.BatchId, spec.IdempotencyKey) = ("night", "k"));
        var second = await queue.EnqueueAsync("y", 5, spec => spec.DependsOn.Add(first));
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        await queue.FailAsync((await queue.MustLeaseAsync()).Lease, FailureKind.Permanent);
        await queue.DeleteAsync(second);
        await queue.DeleteAsync(first);

        await using var admin = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var kinds = admin.GetServers()[0].Keys().Select(key => key.ToString().Split("}:")[1]).Order(StringComparer.Ordinal);

        Assert.Equal(["ev", "laneno", "lanes", "meta", "nonce", "tags"], kinds);
    }
}
