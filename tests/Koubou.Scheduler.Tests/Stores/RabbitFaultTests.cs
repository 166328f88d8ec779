using Koubou.Contracts;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.RabbitMq;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>Everything that may happen to a broker, to one that only these tests use; they run one after another.</summary>
public sealed class RabbitFaultTests(RabbitFaultTests.OwnServer own) : IClassFixture<RabbitFaultTests.OwnServer>
{
    private const string Ended = "for claims ended";
    private const string Back = "back for claims";

    private readonly SignalLogger _log = new();

    private RabbitServer Server => own.Server;

    [Fact]
    public async Task BrokerKilled_ComesBack_NothingAnsweredIsLostAndWorkGoesOn()
    {
        await using var queue = await StartAsync();
        var done = await queue.EnqueueAsync("done");
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease, "the answer");
        await queue.EnqueueAsync("running");
        var leased = await queue.MustLeaseAsync();
        var before = await queue.EnqueueAsync("before");

        Server.Kill();
        await _log.WaitForAsync(Ended);
        Assert.Null(await queue.LeaseAsync());
        var during = await queue.EnqueueAsync("during");
        Assert.Contains(queue.Store.Findings, finding => finding is { Code: "rabbitmq_unreachable", Severity: Severity.Error });
        Assert.Empty(await queue.Store.RenewAsync([leased.Lease], CancellationToken.None));
        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(leased.Lease));
        await Server.RunAsync();
        await _log.WaitForAsync(Back);

        Assert.Equal(before, (await NextAsync(queue)).Lease.TaskId);
        Assert.Equal(during, (await NextAsync(queue)).Lease.TaskId);
        Assert.Equal("the answer", (await queue.GetAsync(done)).Output);
        Assert.Empty(queue.Store.Findings);
    }

    [Fact]
    public async Task BrokerAway_OutboxIsFull_SubmitIsRefusedAsByAFullQueue()
    {
        var engine = Engine(options => options.OutboxMax = 3);
        await using var queue = await QueueHarness.StartAsync(engine);
        Server.Kill();
        await _log.WaitForAsync(Ended);
        await queue.EnqueueAsync("1");
        await queue.EnqueueAsync("2");
        await queue.EnqueueAsync("3");

        var error = await Assert.ThrowsAsync<QueueFullException>(() => queue.EnqueueAsync("4"));

        Assert.Contains("RabbitMQ", error.Message, StringComparison.Ordinal);
        await Server.RunAsync();
        await _log.WaitForAsync(Back);
        await NextAsync(queue);
        await queue.EnqueueAsync("5");
    }

    [Fact]
    public async Task ConnectionsClosedByTheOperator_ConsumptionGoesOn()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("running");
        var running = await queue.MustLeaseAsync();
        var waiting = await queue.EnqueueAsync("waiting");

        await Server.ControlAsync("close_all_connections", "maintenance");
        await _log.WaitForAsync(Back);

        Assert.Equal(waiting, (await NextAsync(queue)).Lease.TaskId);
        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(running.Lease));
    }

    [Fact]
    public async Task QueueDeletedByTheOperator_IsMadeAnewWithItsMessages()
    {
        var engine = Engine();
        await using var queue = await QueueHarness.StartAsync(engine);
        var first = await queue.EnqueueAsync("first");
        await queue.EnqueueAsync("second");

        await Server.ControlAsync("delete_queue", $"koubou.{engine.Options.Queue}.general");

        Assert.Equal(first, (await NextAsync(queue)).Lease.TaskId);
        await queue.EnqueueAsync("third");
        await NextAsync(queue);
        await NextAsync(queue);
    }

    [Fact]
    public async Task MessagesPurgedByTheOperator_SweepPublishesThemAgain()
    {
        var engine = Engine();
        await using var queue = await QueueHarness.StartAsync(engine);
        for (var number = 0; number < 5; number++)
        {
            await queue.EnqueueAsync($"{number}");
        }

        await Server.ControlAsync("purge_queue", $"koubou.{engine.Options.Queue}.general");
        var sweep = ((RabbitMqQueueStore)queue.Store).Sweep;
        var moved = await sweep.RunOnceAsync() + await sweep.RunOnceAsync();

        Assert.Equal(5, moved);
        Assert.Equal((5, 0), await engine.CountAsync());
    }

    [Fact]
    public async Task MemoryAlarm_WhatHasAMessageStartsAndNewTasksAreKept()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        await Server.ControlAsync("set_vm_memory_high_watermark", "absolute", "1MB");

        // The broker tells a connection of it when that connection publishes.
        var second = await queue.EnqueueAsync("second");
        await _log.WaitForAsync("takes no messages");
        var third = await queue.EnqueueAsync("third");

        Assert.Contains(queue.Store.Findings, finding => finding is { Code: "rabbitmq_blocked", Severity: Severity.Warning });
        var leased = await queue.MustLeaseAsync();
        Assert.Equal(first, leased.Lease.TaskId);
        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(leased.Lease));
        await Server.ControlAsync("set_vm_memory_high_watermark", "0.4");
        await _log.WaitForAsync("takes messages again");
        Assert.Equal(second, (await NextAsync(queue)).Lease.TaskId);
        Assert.Equal(third, (await NextAsync(queue)).Lease.TaskId);
    }

    [Fact]
    public async Task HeartbeatsLost_ConnectionIsMadeAnew()
    {
        await using var queue = await QueueHarness.StartAsync(Engine(options => options.Heartbeat = TimeSpan.FromSeconds(1)));
        var id = await queue.EnqueueAsync("x");

        Server.Freeze();
        await _log.WaitForAsync(Ended);
        Server.Thaw();
        await _log.WaitForAsync(Back);

        Assert.Equal(id, (await NextAsync(queue)).Lease.TaskId);
    }

    [Fact]
    public async Task SchedulerDies_BetweenRecordAndBroker_ItsSuccessorPublishes()
    {
        var engine = Engine();
        await using var queue = await QueueHarness.StartAsync(engine);
        Server.Kill();
        await _log.WaitForAsync(Ended);
        var id = await queue.EnqueueAsync("kept, and never published");
        await queue.Store.DisposeAsync();
        await Server.RunAsync();

        await queue.RestartAsync();

        Assert.Equal(id, (await NextAsync(queue)).Lease.TaskId);
    }

    private static async Task<LeasedTask> NextAsync(QueueHarness queue)
    {
        // A ready task is announced when its message is back; what was announced before is found by the first look.
        var ready = new SemaphoreSlim(0);
        void Signal() => ready.Release();
        queue.Store.TasksReady += Signal;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (true)
            {
                if (await queue.LeaseAsync() is { } leased)
                {
                    return leased;
                }

                await ready.WaitAsync(limit.Token);
            }
        }
        finally
        {
            queue.Store.TasksReady -= Signal;
        }
    }

    private Task<QueueHarness> StartAsync() => QueueHarness.StartAsync(Engine());

    private RabbitEngine Engine(Action<RabbitMqOptions>? change = null)
    {
        var engine = new RabbitEngine(Server, new SqliteEngine()) { Logger = _log };
        engine.Options.ConfirmTimeout = TimeSpan.FromSeconds(1);
        change?.Invoke(engine.Options);
        return engine;
    }

    public sealed class OwnServer : IAsyncLifetime
    {
        internal RabbitServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await RabbitServer.StartAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
