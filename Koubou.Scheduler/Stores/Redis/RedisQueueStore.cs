using System.Buffers.Text;
using System.Globalization;
using Koubou.Contracts;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Submission;
using Koubou.Scheduler.Tasks;
using Koubou.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>
/// The shared engine. The server decides: each step is one of its functions (<c>Functions</c>), atomic, one round trip for
/// a task or for a thousand. This process holds copies and no authority, so any number of schedulers may share a queue.
/// </summary>
/// <remarks>
/// What an answer promises is what the server's append-only file promises: nothing is lost with <c>appendfsync always</c>,
/// up to a second with <c>everysec</c> when the server's machine dies. See docs/queue-engines.md.
/// </remarks>
internal sealed partial class RedisQueueStore : IQueueStore
{
    private const int SchemaVersion = 3;

    // About a hundred bytes for the server to read, and some 50 microseconds of its time, for each of them.
    private const int TasksInTripMax = 500;

    // At 500 dependants a turn. What is left then is told by the sweeps.
    private const int TellTurnsMax = 200;

    private readonly RedisConnection _connection;
    private readonly RedisOptions _options;
    private readonly LeaseOptions _leaseOptions;
    private readonly BackoffOptions _backoffOptions;
    private readonly OrderOptions _orderOptions;
    private readonly SubmitLimits _limits;
    private readonly TaskIdSource _ids;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly RedisEventLog _events;
    private readonly RedisLanes _lanes = new();
    private readonly SharedTrips<NewTask, TaskReceipt> _submits;
    private readonly SharedTrips<Settlement, ReportOutcome> _settlements;

    public RedisQueueStore(
        IConfiguration configuration,
        IOptions<RedisOptions> options,
        IOptions<LeaseOptions> leaseOptions,
        IOptions<BackoffOptions> backoffOptions,
        IOptions<OrderOptions> orderOptions,
        IOptions<SubmitLimits> limits,
        TaskIdSource ids,
        TimeProvider time,
        ILogger<RedisQueueStore> logger)
        : this(
            configuration.GetConnectionString("redis") is { Length: > 0 } address ? address : "localhost:6379",
            options.Value, leaseOptions.Value, backoffOptions.Value, orderOptions.Value, limits.Value,
            ids, time, Random.Shared, logger)
    {
    }

    internal RedisQueueStore(
        string connectionString,
        RedisOptions options,
        LeaseOptions leaseOptions,
        BackoffOptions backoffOptions,
        OrderOptions orderOptions,
        SubmitLimits limits,
        TaskIdSource ids,
        TimeProvider time,
        Random random,
        ILogger logger)
    {
        _options = options;
        _leaseOptions = leaseOptions;
        _backoffOptions = backoffOptions;
        _orderOptions = orderOptions;
        _limits = limits;
        _ids = ids;
        _time = time;
        _random = random;
        _logger = logger;
        _connection = new RedisConnection(connectionString, options);
        _events = new RedisEventLog(_connection, options.EventsInMemory);
        _submits = new SharedTrips<NewTask, TaskReceipt>(SendAsync, TasksInTripMax);
        _settlements = new SharedTrips<Settlement, ReportOutcome>(SendAsync, TasksInTripMax);
    }

    public event Action? TasksReady;

    public string Name => "redis";

    public bool LeasesByTrip => true;

    public IEventLog Events => _events;

    public IReadOnlyList<HealthFinding> Findings { get; private set; } = [];

    public IEnumerable<KeyValuePair<string, string>> Settings => EffectiveSettings.Of(RedisOptions.Section, _options);

    /// <summary>The connection, for what schedulers share beside the queue.</summary>
    internal RedisConnection Connection => _connection;

    private RedisChannel Channel => RedisChannel.Literal(_connection.Root.ToString() + "c");

    // The server's clock decides, so that schedulers' clocks need not agree; a test moves its own.
    private RedisValue Now => _time == TimeProvider.System ? 0 : _time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task OpenAsync(CancellationToken cancellation)
    {
        await _connection.OpenAsync();
        await CheckSchemaAsync();
        await WarnOfLossAsync();
        var sequence = await _connection.RunAsync(database => database.HashGetAsync(Meta, "seq"));
        _events.StartAfter(sequence.IsNull ? 0 : (long)sequence);
        var newest = await _connection.RunAsync(database => database.SortedSetRangeByRankAsync(
            _connection.Root.Append("all"), 0, 0, Order.Descending));
        if (newest is [var id] && TaskId.TryParse(id, out var last))
        {
            _ids.StartAfter(last.Key);
        }

        _connection.Restored += OnRestored;
        _connection.Reaches += OnReaches;
        await _connection.RunAsync(async _ =>
        {
            // One after the other, in the order in which the server told them.
            var told = await _connection.Subscriber.SubscribeAsync(Channel);
            told.OnMessage(message => OnStep(message.Message));
            return true;
        });

        // What happened between the reading of the number and the subscription.
        await _events.CatchUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Restored -= OnRestored;
        _connection.Reaches -= OnReaches;
        await _connection.DisposeAsync();
        _events.Dispose();
    }

    private RedisKey Meta => _connection.Root.Append("meta");

    private async Task CheckSchemaAsync()
    {
        await _connection.RunAsync(database => database.HashSetAsync(Meta, "schema", SchemaVersion, When.NotExists));
        var version = await _connection.RunAsync(database => database.HashGetAsync(Meta, "schema"));
        if (version != SchemaVersion)
        {
            throw new StoreUnusableException(
                $"The queue '{_options.Queue}' in Redis has version {version}; this Koubou knows {SchemaVersion}. "
                + (version.TryParse(out int number) && number < SchemaVersion
                    ? "Take its tasks along with `koubou export` and `koubou import`, by the Koubou that wrote it and by this one "
                      + "with another Queue:Redis:Queue."
                    : "Update Koubou, or choose another Queue:Redis:Queue."));
        }

        await _connection.RunAsync(database => database.HashSetAsync(Meta, "keep", _options.EventStepsMax));
    }

    private async Task WarnOfLossAsync()
    {
        var findings = new List<HealthFinding>();
        if (await _connection.ReadSettingAsync("appendonly") == "no")
        {
            LogNotDurable(_logger);
            findings.Add(new HealthFinding
            {
                Severity = Severity.Warning,
                Code = "redis_not_durable",
                Message = "Redis keeps no append-only file: a restart of it loses tasks that were answered.",
                Remedy = "Turn it on with `redis-cli CONFIG SET appendonly yes`, and in redis.conf.",
            });
        }

        if (await _connection.ReadSettingAsync("maxmemory-policy") is { } policy && policy != "noeviction")
        {
            LogEvicts(_logger, policy);
            findings.Add(new HealthFinding
            {
                Severity = Severity.Warning,
                Code = "redis_evicts",
                Message = $"Redis evicts keys when its memory is full (maxmemory-policy {policy}): it would lose tasks.",
                Remedy = "Set it with `redis-cli CONFIG SET maxmemory-policy noeviction`, and in redis.conf.",
                Args = { ["policy"] = policy },
            });
        }

        Findings = findings;
    }

    private async Task<RedisResult[]> StepAsync(string function, IReadOnlyCollection<RedisValue> arguments)
    {
        var answer = (RedisResult[])(await _connection.CallAsync(function, arguments))!;
        await KnowAsync(answer[0]);
        return answer;
    }

    // Sample: 1042, the newest number, or 1042+ when dependants of what finished are still to be told.
    private async ValueTask KnowAsync(RedisResult last)
    {
        for (var turn = 0; Know((string)last!) && turn < TellTurnsMax; turn++)
        {
            try
            {
                last = ((RedisResult[])(await _connection.CallAsync("tell", [Now]))!)[0];
            }
            catch (StoreUnusableException error)
            {
                // The step itself is done.
                LogTellingStopped(_logger, error.Message);
                return;
            }
        }
    }

    private bool Know(string last)
    {
        var more = last.EndsWith('+');
        _events.Know(long.Parse(more ? last.AsSpan(0, last.Length - 1) : last, CultureInfo.InvariantCulture));
        return more;
    }

    private void OnRestored()
    {
        _ = CatchUpAsync();
        TasksReady?.Invoke();
    }

    private void OnReaches(bool reaches)
    {
        if (reaches)
        {
            LogBack(_logger);
        }
        else
        {
            LogLost(_logger);
        }
    }

    private async Task CatchUpAsync()
    {
        try
        {
            await _events.CatchUpAsync();
        }
        catch (StoreUnusableException)
        {
            // The next step, or the next sweep, tries again.
        }
    }

    // Sample: "1042 1763990000123 1 " and an EventBatch: the first number, when, whether tasks became ready, the events.
    private void OnStep(RedisValue message)
    {
        var rest = ((ReadOnlyMemory<byte>)message).Span;
        if (!TryReadNumber(ref rest, out var first) || !TryReadNumber(ref rest, out var at) || !TryReadNumber(ref rest, out var ready))
        {
            return;
        }

        if (!_events.Take(first, RedisEventLog.Parse(rest, first, at)))
        {
            _ = CatchUpAsync();
        }

        if (ready == 1)
        {
            TasksReady?.Invoke();
        }
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> rest, out long number)
    {
        var read = Utf8Parser.TryParse(rest, out number, out var length);
        rest = rest[Math.Min(rest.Length, length + 1)..];
        return read;
    }

    [LoggerMessage(LogLevel.Warning, "The connection to Redis ended. It is made anew")]
    private static partial void LogLost(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "Not all tasks know yet that one which they wait for has finished; a sweep tells them: {Reason}")]
    private static partial void LogTellingStopped(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "Redis is back")]
    private static partial void LogBack(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "Redis keeps no append-only file: a restart of it loses tasks. Turn it on with `redis-cli CONFIG SET appendonly yes`, and in redis.conf")]
    private static partial void LogNotDurable(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "Redis evicts keys when its memory is full (maxmemory-policy {Policy}): it would lose tasks. Set it to noeviction")]
    private static partial void LogEvicts(ILogger logger, string policy);
}
