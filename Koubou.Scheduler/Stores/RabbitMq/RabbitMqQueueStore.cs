using Koubou.Contracts;
using Koubou.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// The engine with a broker. For each queued task a message stands in the durable queue of its type; who leases a task
/// takes a message, and acknowledges it when the lease is over. Records, their rules and their order are those of another
/// store: no broker knows ageing or shares, so a message says that one may start, and the record says which.
/// </summary>
/// <remarks>
/// The record is written first, always. Messages follow it by the log of changes (<see cref="Outbox"/>), and what a crash
/// left apart is brought together by counting (<see cref="BrokerSweep"/>).
/// </remarks>
internal sealed partial class RabbitMqQueueStore : IQueueStore
{
    private readonly IQueueStore records;
    private readonly IOutboxRole role;
    private readonly RabbitMqOptions options;
    private readonly BrokerAddress address;
    private readonly BrokerQueues queues;
    private readonly Publisher publisher;
    private readonly ClaimDesk claims;
    private readonly Outbox outbox;
    private readonly BrokerSweep sweep;
    private readonly BrokerUpkeep upkeep;
    private readonly Shortage shortage;
    private readonly ILogger logger;
    private readonly bool ownsRecords;

    public RabbitMqQueueStore(
        string connectionString,
        RabbitMqOptions options,
        IQueueStore records,
        IOutboxRole role,
        TimeProvider time,
        ILogger logger,
        bool ownsRecords = true)
    {
        this.ownsRecords = ownsRecords;
        this.records = records;
        this.role = role;
        this.options = options;
        this.logger = logger;
        address = new BrokerAddress(connectionString, options);
        queues = new BrokerQueues(options);
        publisher = new Publisher(address, queues, logger);
        claims = new ClaimDesk(address, queues, time, logger);
        outbox = new Outbox(records.Events, publisher, claims, role, options.ConfirmTimeout);
        sweep = new BrokerSweep(records, publisher, claims, role, options.ConfirmTimeout, logger);
        upkeep = new BrokerUpkeep(sweep, claims, role, options.SweepInterval, time, logger);
        shortage = new Shortage(WakeUp);

        if (role is SoleOutbox)
        {
            claims.Link.Prepare = OwnAsync;
        }

        records.TasksReady += WakeUp;
        outbox.Published += WakeUp;
        sweep.Published += WakeUp;
        outbox.FellBehind += upkeep.Ask;
        publisher.Link.Restored += OnRestored;
        claims.Link.Restored += OnRestored;
    }

    /// <summary>The store of a running scheduler, on its configuration.</summary>
    public static RabbitMqQueueStore Create(IServiceProvider services, IQueueStore records, IOutboxRole role) => new(
        services.GetRequiredService<IConfiguration>().GetConnectionString("rabbitmq") is { Length: > 0 } address
            ? address
            : "amqp://guest:guest@localhost:5672",
        services.GetRequiredService<IOptions<RabbitMqOptions>>().Value,
        records,
        role,
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<RabbitMqQueueStore>>(),
        ownsRecords: false);

    public event Action? TasksReady;

    public string Name => "rabbitmq";

    public IEventLog Events => records.Events;

    public IEnumerable<KeyValuePair<string, string>> Settings =>
        EffectiveSettings.Of(RabbitMqOptions.Section, options).Concat(records.Settings);

    public IReadOnlyList<HealthFinding> Findings => [.. BrokerFindings(), .. records.Findings];

    /// <summary>The comparison of record and broker, for tests that take it step by step.</summary>
    internal BrokerSweep Sweep => sweep;

    public async Task OpenAsync(CancellationToken cancellation)
    {
        await claims.Link.OpenAsync(cancellation);
        await publisher.Link.OpenAsync(cancellation);
        await records.OpenAsync(cancellation);
        await role.TakeAsync();
        outbox.Start();
        upkeep.Start();

        // What the last scheduler kept and could not publish any more.
        upkeep.Ask();
    }

    public async ValueTask DisposeAsync()
    {
        records.TasksReady -= WakeUp;
        shortage.Dispose();
        await upkeep.DisposeAsync();
        await outbox.DisposeAsync();
        sweep.Dispose();
        await claims.DisposeAsync();
        await publisher.DisposeAsync();
        await role.LeaveAsync();
        if (ownsRecords)
        {
            await records.DisposeAsync();
        }
    }

    private void WakeUp() => TasksReady?.Invoke();

    private void OnRestored()
    {
        upkeep.Ask();
        WakeUp();
    }

    // Two schedulers that cannot read each other's records would take each other's messages.
    private async Task OwnAsync(BrokerSession session, CancellationToken cancellation)
    {
        try
        {
            await session.Channel.QueueDeclareAsync(
                queues.Owner, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellation);
        }
        catch (Exception error) when (RabbitMqErrors.IsLocked(error))
        {
            throw new StoreUnusableException(
                $"Another scheduler works on the queue '{options.Queue}' of RabbitMQ at {address.Shown}, with records of its own. "
                + "Several schedulers share their records in Redis: give all of them Queue:RabbitMq:Records=Redis. Or stop the "
                + "other one, or give this one another Queue:RabbitMq:Queue.",
                error);
        }
    }

    private IEnumerable<HealthFinding> BrokerFindings()
    {
        if (publisher.Link.Session is null || claims.Link.Session is null)
        {
            yield return new HealthFinding
            {
                Severity = Severity.Error,
                Code = "rabbitmq_unreachable",
                Message = $"RabbitMQ does not answer at {address.Shown}. Tasks are kept, and none is started.",
                Remedy = RabbitMqErrors.StartIt,
            };
        }
        else if (publisher.Link.Blocked is { } reason)
        {
            yield return new HealthFinding
            {
                Severity = Severity.Warning,
                Code = "rabbitmq_blocked",
                Message = $"RabbitMQ at {address.Shown} takes no messages ({reason}). Tasks are kept, and what has a message is started.",
                Remedy = "Look at `rabbitmqctl status`: free its memory or disk, or raise vm_memory_high_watermark or lower disk_free_limit.",
            };
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Count} tasks were kept, and RabbitMQ did not confirm them yet")]
    private static partial void LogUnconfirmed(ILogger logger, int count);
}
