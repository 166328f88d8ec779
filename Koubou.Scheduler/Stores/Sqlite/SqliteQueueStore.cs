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
    private readonly object gate = new();
    private readonly TimeProvider time;
    private readonly TaskIdSource ids;
    private readonly SqliteOptions options;
    private readonly LeaseOptions leaseOptions;
    private readonly BackoffOptions backoffOptions;
    private readonly SubmitLimits limits;
    private readonly string file;
    private readonly ReadConnections connections;
    private readonly SqliteReader reader;
    private readonly SqliteListing listing;
    private readonly SqliteEventLog events;
    private readonly CommitLoop loop;
    private readonly Random random;
    private readonly bool commitsByHand;
    private FileStream? ownership;
    private SqliteWriter? writer;

    // All below is guarded by the gate.
    private readonly Dictionary<long, LiveTask> live = [];
    private readonly ReadyQueue ready;
    private readonly DependencyGraph graph = new();
    private readonly TimeQueues times = new();
    private readonly LiveCounts counts = new();
    private WriteBatch gathered = new();
    private WriteBatch? writing;
    private int insertsPending;
    private long specBytesCached;
    private long bytesUsed;
    private bool broken;

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
        this.commitsByHand = commitsByHand;
        this.options = options;
        this.leaseOptions = leaseOptions;
        this.backoffOptions = backoffOptions;
        this.limits = limits;
        this.ids = ids;
        this.time = time;
        this.random = random;
        file = options.File.Length > 0 ? Path.GetFullPath(options.File) : Path.Combine(home.Database, "koubou.db");
        ready = new ReadyQueue(orderOptions);
        connections = new ReadConnections(ConnectionString(SqliteOpenMode.ReadOnly));
        reader = new SqliteReader(connections);
        listing = new SqliteListing(connections);
        events = new SqliteEventLog(options.EventsInMemory, reader);
        loop = new CommitLoop(gate, this, options.LeaseCommitDelay, time, logger);
    }

    public event Action? TasksReady;

    public string Name => "sqlite";

    public IEventLog Events => events;

    public IEnumerable<KeyValuePair<string, string>> Settings => EffectiveSettings.Of(SqliteOptions.Section, options);

    WriteBatch ICommitTarget.Gathered => gathered;

    /// <summary>Commits what has gathered, where commits are made by hand. False when there is nothing.</summary>
    internal bool CommitOnce() => loop.RunOnce();

    public async Task OpenAsync(CancellationToken cancellation)
    {
        TakeOwnership();
        try
        {
            var connection = OpenWriter();
            var totals = await reader.ReadTotalsAsync(cancellation);
            ids.StartAfter(totals.LastKey);
            events.StartAfter(totals.LastSequence);
            var tasks = await reader.LoadLiveAsync(cancellation);
            lock (gate)
            {
                counts.StartWith(totals.Counts);
                Remember(tasks);
            }

            writer = new SqliteWriter(connection, totals.LastSequence);
            loop.Start(writer, commitsByHand);
            await ResolveAsync([.. tasks.Where(task => task.State == TaskState.Blocked)], cancellation);
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Explain(error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.Run(loop.Dispose);
        connections.Dispose();
        ownership?.Dispose();
    }

    WriteBatch ICommitTarget.TakeGathered()
    {
        writing = gathered;
        gathered = new WriteBatch();
        foreach (var task in writing.Dirty)
        {
            task.DirtyIn = null;
        }

        return writing;
    }

    void ICommitTarget.OnCommitted(WriteBatch batch, IReadOnlyList<TaskEvent> written)
    {
        bool anyReady;
        lock (gate)
        {
            writing = null;
            foreach (var insert in batch.Inserts)
            {
                Admit(insert);
            }

            foreach (var insert in batch.Inserts)
            {
                // After all are known: a task may depend on a later one of the same submit.
                if (insert is { Duplicate: null, Task.State: TaskState.Blocked })
                {
                    Block(insert.Task);
                }
            }

            foreach (var task in batch.Dirty)
            {
                if (task.State.IsFinal() && task.DirtyIn is null)
                {
                    live.Remove(task.Id.Key);
                    if (task.State == TaskState.Succeeded)
                    {
                        TellDependants(task, Timestamp.FromDateTimeOffset(time.GetUtcNow()));
                    }
                }
            }

            anyReady = ready.Count > 0;
            bytesUsed = options.BytesMax > 0 ? writer!.BytesUsed() : 0;
        }

        events.Publish(written);
        batch.Complete();
        if (anyReady)
        {
            TasksReady?.Invoke();
        }
    }

    void ICommitTarget.OnFailed(WriteBatch batch, StoreUnusableException error)
    {
        WriteBatch also;
        lock (gate)
        {
            // What was decided since rests on what was not written.
            also = gathered;
            gathered = new WriteBatch();
            writing = null;
            insertsPending = 0;
            broken = true;
        }

        batch.Fail(error);
        also.Fail(error);
        TryRebuild();
    }

    // Reads the state from disk again; until that works, every change is refused.
    private void TryRebuild()
    {
        try
        {
            var totals = reader.ReadTotalsAsync(CancellationToken.None).GetAwaiter().GetResult();
            var tasks = reader.LoadLiveAsync(CancellationToken.None).GetAwaiter().GetResult();
            lock (gate)
            {
                if (!broken)
                {
                    // Another call was faster, and the queue has moved on since.
                    return;
                }

                live.Clear();
                ready.Clear();
                times.Clear();
                graph.Clear();
                specBytesCached = 0;
                counts.StartWith(totals.Counts);
                Remember(tasks);
                broken = false;
            }

            _ = ResolveInBackgroundAsync([.. tasks.Where(task => task.State == TaskState.Blocked)]);
        }
        catch (StoreUnusableException)
        {
            // Still unreadable: the next change tries again.
        }
    }

    /// <summary>Refuses changes while memory and disk may differ. Called before every change, without the gate.</summary>
    private void EnsureSound()
    {
        if (!Volatile.Read(ref broken))
        {
            return;
        }

        TryRebuild();
        if (Volatile.Read(ref broken))
        {
            throw new StoreUnusableException("The queue's database could not be written, and cannot be read. Check its disk with `df -h`.");
        }
    }

    // The same under the gate, for what broke since the call began.
    private void ThrowIfBroken()
    {
        if (broken)
        {
            throw new StoreUnusableException("The queue's database could not be written just now. Try again.");
        }
    }

    // Fills the memory from rows. A lease on disk starts anew: its node gets the time of one lease to come back.
    private void Remember(List<LiveTask> tasks)
    {
        var now = Now();
        foreach (var task in tasks)
        {
            live.Add(task.Id.Key, task);
            counts.Remember(task);
            if (task.State == TaskState.Running)
            {
                task.LeaseUntil = now + (long)leaseOptions.Duration.TotalMilliseconds;
            }

            Place(task);
            if (task.DeadlineAt > 0)
            {
                times.AddDeadline(task);
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
                ready.Add(task);
                break;
            case TaskState.Scheduled:
                times.AddDue(task);
                break;
            case TaskState.Running:
                times.AddLease(task);
                break;
        }
    }

    private void SetState(LiveTask task, TaskState state)
    {
        if (task.State == TaskState.Queued && state != TaskState.Running)
        {
            ready.Forget(task);
        }

        if (task.State == TaskState.Blocked)
        {
            graph.Remove(task);
        }

        counts.Move(task, state);
        task.State = state;
    }

    // Marks a task's row for the next commit, and notes the event.
    private void Write(LiveTask task, EventKind kind, Timestamp at)
    {
        if (task.DirtyIn is null)
        {
            task.DirtyIn = gathered;
            gathered.Dirty.Add(task);
        }

        gathered.Events.Add(new PendingEvent(task, TaskEvents.Of(task, kind, at)));
        if (gathered.Events.Count == 1 || gathered.Urgent)
        {
            loop.Wake();
        }
    }

    // The commit that will hold what has gathered so far. The caller holds the gate.
    private Task CommitSoon()
    {
        gathered.Urgent = true;
        loop.Wake();
        return gathered.Committed;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private SqliteConnection OpenWriter()
    {
        var connection = new SqliteConnection(ConnectionString(SqliteOpenMode.ReadWriteCreate));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA busy_timeout = 5000;
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = 67108864;
            PRAGMA cache_size = -65536;
            """;
        command.ExecuteNonQuery();
        SqliteSchema.Migrate(connection, file);
        if (options.BytesMax > 0)
        {
            command.CommandText = "PRAGMA page_size";
            var pageSize = (long)command.ExecuteScalar()!;
#pragma warning disable CA2100 // A number.
            command.CommandText = $"PRAGMA max_page_count = {options.BytesMax / 4 * 5 / pageSize}";
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }

        return connection;
    }

    private string ConnectionString(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = mode,
        Pooling = false,
    }.ToString();

    // Two schedulers on one file would each decide from their own memory.
    private void TakeOwnership()
    {
        var folder = Path.GetDirectoryName(file)!;
        try
        {
            Directory.CreateDirectory(folder);
            ownership = new FileStream(
                file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (File.Exists(file + ".lock"))
        {
            throw new StoreUnusableException(
                $"Another scheduler works on {file}. SQLite serves one scheduler: stop the other, or give this one a "
                + "home of its own with KOUBOU_HOME.",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnusableException(
                $"The folder {folder} cannot be written ({error.Message}). Give the user '{Environment.UserName}' write "
                + $"access, for example with `sudo chown -R {Environment.UserName} {folder}`, or choose another home with KOUBOU_HOME.",
                error);
        }
    }
}
