using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Submission;
using Koubou.Scheduler.Tasks;
using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Settings;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// The embedded engine. One scheduler owns the file; it decides in memory, under one gate, and a commit loop writes what
/// was decided in groups. What is decided becomes visible to others only once it is on disk; leases alone go out before.
/// </summary>
/// <remarks>
/// When a write fails (disk full), everything in that group is refused, and the memory is built anew from the disk.
/// </remarks>
internal sealed partial class SqliteQueueStore : IQueueStore, ICommitTarget
{
    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly TaskIdSource _ids;
    private readonly SqliteOptions _options;
    private readonly LeaseOptions _leaseOptions;
    private readonly BackoffOptions _backoffOptions;
    private readonly SubmitLimits _limits;
    private readonly SqliteFile _file;
    private readonly ReadConnections _connections;
    private readonly SqliteReader _reader;
    private readonly SqliteListing _listing;
    private readonly SqliteEventLog _events;
    private readonly CommitLoop _loop;
    private readonly Random _random;
    private readonly bool _commitsByHand;
    private SqliteWriter? _writer;

    // All below is guarded by the gate.
    private readonly Dictionary<long, LiveTask> _live = [];
    private readonly ReadyQueue _ready;
    private readonly DependencyGraph _graph = new();
    private readonly TimeQueues _times = new();
    private readonly LiveCounts _counts = new();
    private WriteBatch _gathered = new();
    private WriteBatch? _writing;
    private int _insertsPending;
    private long _specBytesCached;
    private long _bytesUsed;
    private long _reapedAt;
    private bool _broken;

    public SqliteQueueStore(
        KoubouHome home,
        IOptions<SqliteOptions> options,
        IOptions<LeaseOptions> leaseOptions,
        IOptions<BackoffOptions> backoffOptions,
        IOptions<OrderOptions> orderOptions,
        IOptions<SubmitLimits> limits,
        TaskIdSource ids,
        TimeProvider time,
        ILogger<SqliteQueueStore> logger)
        : this(home, options.Value, leaseOptions.Value, backoffOptions.Value, orderOptions.Value, limits.Value, ids, time,
            Random.Shared, logger)
    {
    }

    internal SqliteQueueStore(
        KoubouHome home,
        SqliteOptions options,
        LeaseOptions leaseOptions,
        BackoffOptions backoffOptions,
        OrderOptions orderOptions,
        SubmitLimits limits,
        TaskIdSource ids,
        TimeProvider time,
        Random random,
        ILogger logger,
        bool commitsByHand = false)
    {
        _commitsByHand = commitsByHand;
        _options = options;
        _leaseOptions = leaseOptions;
        _backoffOptions = backoffOptions;
        _limits = limits;
        _ids = ids;
        _time = time;
        _random = random;
        _file = new SqliteFile(home, options);
        _ready = new ReadyQueue(orderOptions);
        _connections = new ReadConnections(_file.ConnectionString(SqliteOpenMode.ReadOnly));
        _reader = new SqliteReader(_connections);
        _listing = new SqliteListing(_connections);
        _events = new SqliteEventLog(options.EventsInMemory, _reader);
        _loop = new CommitLoop(_gate, this, options.LeaseCommitDelay, time, logger);
    }

    public event Action? TasksReady;

    public string Name => "sqlite";

    public IEventLog Events => _events;

    public IEnumerable<KeyValuePair<string, string>> Settings => EffectiveSettings.Of(SqliteOptions.Section, _options);

    /// <summary>Commits what has gathered, where commits are made by hand. False when there is nothing.</summary>
    internal bool CommitOnce() => _loop.RunOnce();

    public async Task OpenAsync(CancellationToken cancellation)
    {
        _file.TakeOwnership();
        try
        {
            var connection = _file.OpenWriter();
            var totals = await _reader.ReadTotalsAsync(cancellation);
            _ids.StartAfter(totals.LastKey);
            _events.StartAfter(totals.LastSequence);
            var tasks = await _reader.LoadLiveAsync(cancellation);
            lock (_gate)
            {
                _counts.StartWith(totals.Counts);
                Remember(tasks);
            }

            _writer = new SqliteWriter(connection, totals.LastSequence);
            _loop.Start(_writer, _commitsByHand);
            await ResolveAsync([.. tasks.Where(task => task.State == TaskState.Blocked)], cancellation);
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Explain(error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.Run(_loop.Dispose);
        _connections.Dispose();
        _file.Dispose();
    }

    // Fills the memory from rows. A lease on disk starts anew: its node gets the time of one lease to come back.
    private void Remember(List<LiveTask> tasks)
    {
        var now = Now();
        foreach (var task in tasks)
        {
            _live.Add(task.Id.Key, task);
            _counts.Remember(task);
            if (task.State == TaskState.Running)
            {
                task.LeaseUntil = now + (long)_leaseOptions.Duration.TotalMilliseconds;
            }

            Place(task);
            if (task.DeadlineAt > 0)
            {
                _times.AddDeadline(task);
            }
        }

        foreach (var task in tasks.Where(task => task.State == TaskState.Blocked))
        {
            Block(task);
        }
    }

    // Puts a task where tasks of its state wait.
    private void Place(LiveTask task)
    {
        switch (task.State)
        {
            case TaskState.Queued:
                _ready.Add(task);
                break;
            case TaskState.Scheduled:
                _times.AddDue(task);
                break;
            case TaskState.Running:
                _times.AddLease(task);
                break;
        }
    }

    private void SetState(LiveTask task, TaskState state)
    {
        if (task.State == TaskState.Queued && state != TaskState.Running)
        {
            _ready.Forget(task);
        }

        if (task.State == TaskState.Blocked)
        {
            _graph.Remove(task);
        }

        _counts.Move(task, state);
        task.State = state;
    }

    // Marks a task's row for the next commit, and notes the event.
    private void Write(LiveTask task, EventKind kind, Timestamp at)
    {
        if (task.DirtyIn is null)
        {
            task.DirtyIn = _gathered;
            _gathered.Dirty.Add(task);
        }

        _gathered.Events.Add(new PendingEvent(task, TaskEvents.Of(task, kind, at)));
        if (_gathered.Events.Count == 1 || _gathered.Urgent)
        {
            _loop.Wake();
        }
    }

    // The commit that will hold what has gathered so far. The caller holds the gate.
    private Task CommitSoon()
    {
        _gathered.Urgent = true;
        _loop.Wake();
        return _gathered.Committed;
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
