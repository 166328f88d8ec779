using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.RabbitMq;
using Koubou.Scheduler.Stores.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>Queues of its own on a real broker, with records in an engine of its own.</summary>
internal sealed class RabbitEngine(RabbitServer server, StoreEngine records) : StoreEngine
{
    public RabbitMqOptions Options { get; init; } = new()
    {
        Queue = Guid.NewGuid().ToString("N"),
        ConnectTimeout = TimeSpan.FromSeconds(30),
        ConfirmTimeout = TimeSpan.FromSeconds(30),
        Heartbeat = TimeSpan.FromSeconds(60),
    };

    /// <summary>For one scheduler: records in a file.</summary>
    public static RabbitEngine OnSqlite(RabbitServer server) => new(server, new SqliteEngine());

    /// <summary>For several schedulers: records in Redis.</summary>
    public static RabbitEngine OnRedis(RabbitServer server) => new(server, new RedisEngine(RedisServer.Shared));

    public override IQueueStore Create(QueueHarness harness)
    {
        var store = records.Create(harness);
        return new RabbitMqQueueStore(
            server.Address,
            Options,
            store,
            store is RedisQueueStore shared ? new SharedOutbox(shared.Connection) : new SoleOutbox(),
            harness.Clock,
            NullLogger.Instance);
    }

    public override ValueTask DisposeAsync() => records.DisposeAsync();
}
