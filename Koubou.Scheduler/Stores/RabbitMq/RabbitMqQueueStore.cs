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
    private readonly IQueueStore _records;
    private readonly IOutboxRole _role;
    private readonly RabbitMqOptions _options;
    private readonly BrokerAddress _address;
    private readonly BrokerQueues _queues;
    private readonly Publisher _publisher;
    private readonly ClaimDesk _claims;
    private readonly Outbox _outbox;
    private readonly BrokerSweep _sweep;
    private readonly BrokerUpkeep _upkeep;
    private readonly Shortage _shortage;
    private readonly ILogger _logger;
    private readonly bool _ownsRecords;
    private int _disposed;

    public RabbitMqQueueStore(
        string connectionString,
        RabbitMqOptions options,
        IQueueStore records,
        IOutboxRole role,
        TimeProvider time,
        ILogger logger,
        bool ownsRecords = true,
        int flowFrom = Flows.From)
    {
        _ownsRecords = ownsRecords;
        _records = records;
        _role = role;
        _options = options;
        _logger = logger;
        _address = new BrokerAddress(connectionString, options);
        _queues = new BrokerQueues(options);
        _publisher = new Publisher(_address, _queues, logger);
        _claims = new ClaimDesk(_address, _queues, flowFrom, role is SoleOutbox, time, logger);
        _outbox = new Outbox(records.Events, _publisher, _claims, role, options.ConfirmTimeout);
        _sweep = new BrokerSweep(records, _publisher, _claims, role, options.ConfirmTimeout, logger);
        _upkeep = new BrokerUpkeep(_sweep, _claims, role, options.SweepInterval, time, logger);
        _shortage = new Shortage(WakeUp);

        if (role is SoleOutbox)
        {
            _claims.Link.Prepare = OwnAsync;
        }

        records.TasksReady += WakeUp;
        _outbox.Published += WakeUp;
        _sweep.Published += WakeUp;
        _claims.Arrived += WakeUp;
        _outbox.FellBehind += _upkeep.Ask;
        _publisher.Link.Restored += OnRestored;
        _claims.Link.Restored += OnRestored;
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

    public IEventLog Events => _records.Events;

    public IEnumerable<KeyValuePair<string, string>> Settings =>
        EffectiveSettings.Of(RabbitMqOptions.Section, _options).Concat(_records.Settings);

    public IReadOnlyList<HealthFinding> Findings => [.. BrokerFindings(), .. _records.Findings];

    /// <summary>The comparison of record and broker, for tests that take it step by step.</summary>
    internal BrokerSweep Sweep => _sweep;

    public async Task OpenAsync(CancellationToken cancellation)
    {
        await _claims.Link.OpenAsync(cancellation);
        await _publisher.Link.OpenAsync(cancellation);
        await _records.OpenAsync(cancellation);
        await _role.TakeAsync();
        _outbox.Start();
        _upkeep.Start();

        // What the last scheduler kept and could not publish any more.
        _upkeep.Ask();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _records.TasksReady -= WakeUp;
        _shortage.Dispose();
        await _upkeep.DisposeAsync();
        await _outbox.DisposeAsync();
        _sweep.Dispose();
        await _claims.DisposeAsync();
        await _publisher.DisposeAsync();
        await _role.LeaveAsync();
        if (_ownsRecords)
        {
            await _records.DisposeAsync();
        }
    }

    private void WakeUp() => TasksReady?.Invoke();

    private void OnRestored()
    {
        _upkeep.Ask();
        WakeUp();
    }

    // Two schedulers that cannot read each other's records would take each other's messages.
    private async Task OwnAsync(BrokerSession session, CancellationToken cancellation)
    {
        try
        {
            await session.Channel.QueueDeclareAsync(
                _queues.Owner, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellation);
        }
        catch (Exception error) when (RabbitMqErrors.IsLocked(error))
        {
            throw new StoreUnusableException(
                $"Another scheduler works on the queue '{_options.Queue}' of RabbitMQ at {_address.Shown}, with records of "
                + "its own. Several schedulers share their records in Redis: give all of them "
                + "Queue:RabbitMq:Records=Redis. Or stop the other one, or give this one another Queue:RabbitMq:Queue.",
                error);
        }
    }

    private IEnumerable<HealthFinding> BrokerFindings()
    {
        if (_publisher.Link.Session is null || _claims.Link.Session is null)
        {
            yield return new HealthFinding
            {
                Severity = Severity.Error,
                Code = "rabbitmq_unreachable",
                Message = $"RabbitMQ does not answer at {_address.Shown}. Tasks are kept, and none is started.",
                Remedy = RabbitMqErrors.StartIt,
                Args = { ["address"] = _address.Shown },
            };
        }
        else if (_publisher.Link.Blocked is { } reason)
        {
            yield return new HealthFinding
            {
                Severity = Severity.Warning,
                Code = "rabbitmq_blocked",
                Message = $"RabbitMQ at {_address.Shown} takes no messages ({reason}). Tasks are kept, and what has a message "
                    + "is started.",
                Remedy = "Look at `rabbitmqctl status`: free its memory or disk, or raise vm_memory_high_watermark or lower "
                    + "disk_free_limit.",
                Args = { ["address"] = _address.Shown, ["reason"] = reason },
            };
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Count} tasks were kept, and RabbitMQ did not confirm them yet")]
    private static partial void LogUnconfirmed(ILogger logger, int count);
}
