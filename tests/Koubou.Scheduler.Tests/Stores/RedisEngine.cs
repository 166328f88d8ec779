using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>A queue of its own on a real server: the one that all tests share, or one that a test may kill.</summary>
internal sealed class RedisEngine(RedisServer server, TimeProvider? time = null) : StoreEngine
{
    public RedisOptions Options { get; init; } = new()
    {
        Queue = Guid.NewGuid().ToString("N"),
        ConnectTimeout = TimeSpan.FromSeconds(30),
        StepTimeout = TimeSpan.FromSeconds(30),

        // One test's chain of thousands keeps the server from the others for seconds on a slow machine.
        RetryFor = TimeSpan.FromSeconds(30),
    };

    /// <summary>The connection string. Default: the server alone.</summary>
    public string Address { get; init; } = server.Address;

    public override IQueueStore Create(QueueHarness harness) => new RedisQueueStore(
        Address, Options, harness.Lease, harness.Backoff, harness.Order, harness.Limits,
        harness.Ids, time ?? harness.Clock, harness.Random, NullLogger.Instance);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
