using System.Globalization;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.RabbitMq;
using Koubou.Scheduler.Stores.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>Queues of its own on a real broker, with records in an engine of its own.</summary>
internal sealed class RabbitEngine(string address, StoreEngine records, RabbitServer? server = null) : StoreEngine
{
    public RabbitEngine(RabbitServer server, StoreEngine records)
        : this(server.Address, records, server)
    {
    }

    public RabbitMqOptions Options { get; init; } = new()
    {
        Queue = Guid.NewGuid().ToString("N"),
        ConnectTimeout = TimeSpan.FromSeconds(30),
        ConfirmTimeout = TimeSpan.FromSeconds(30),
        Heartbeat = TimeSpan.FromSeconds(60),
    };

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>How many claims of a type are asked for before they flow.</summary>
    public int FlowFrom { get; init; } = Flows.From;

    /// <summary>For one scheduler: records in a file.</summary>
    public static RabbitEngine OnSqlite(RabbitServer server) => new(server, new SqliteEngine());

    /// <summary>The same with queues that a cluster would replicate.</summary>
    public static RabbitEngine OnQuorumQueues(RabbitServer server)
    {
        var engine = OnSqlite(server);
        engine.Options.Quorum = true;
        return engine;
    }

    /// <summary>For several schedulers: records in Redis.</summary>
    public static RabbitEngine OnRedis(RabbitServer server) => new(server, new RedisEngine(RedisServer.Shared));

    public override IQueueStore Create(QueueHarness harness)
    {
        var store = records.Create(harness);
        return new RabbitMqQueueStore(
            address,
            Options,
            store,
            store is RedisQueueStore shared ? new SharedOutbox(shared.Connection) : new SoleOutbox(),
            harness.Clock,
            Logger,
            flowFrom: FlowFrom);
    }

    /// <summary>How many messages of a type are ready, and how many were taken and not acknowledged, as the broker says.</summary>
    public async Task<(int Ready, int Taken)> CountAsync(string type = "general")
    {
        var name = (Options.Quorum ? $"koubou.{Options.Queue}.quorum." : $"koubou.{Options.Queue}.") + type;
        var list = await server!.ControlAsync("list_queues", "name", "messages_ready", "messages_unacknowledged");
        var row = list.Split('\n').Select(line => line.Split('\t')).Single(row => row[0] == name);
        return (int.Parse(row[1], CultureInfo.InvariantCulture), int.Parse(row[2], CultureInfo.InvariantCulture));
    }

    /// <summary>An acknowledgement is not answered: asks until the broker has it.</summary>
    public async Task SettlesAtAsync((int Ready, int Taken) expected)
    {
        (int, int) seen;
        for (var look = 0; (seen = await CountAsync()) != expected && look < 20; look++)
        {
        }

        Assert.Equal(expected, seen);
    }

    public override ValueTask DisposeAsync() => records.DisposeAsync();
}
