using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Reads what is on disk, on connections of its own: readers never wait for the commit loop.</summary>
internal sealed class SqliteReader(ReadConnections connections)
{
    public Task<TaskRecord?> GetAsync(TaskId id, bool includeOutput, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                using var command = connection.Command($"SELECT {TaskRows.Columns}prompt FROM tasks WHERE key = $key AND random = $random");
                command.Parameters.AddWithValue("$key", id.Key);
                command.Parameters.AddWithValue("$random", id.Random);
                using var reader = command.ExecuteReader();
                if (!reader.Read())
                {
                    return null;
                }

                var record = TaskRows.ReadRecord(reader);
                if (includeOutput)
                {
                    TaskRows.AddOutput(connection, id.Key, record);
                }

                return record;
            },
            cancellation);

    /// <summary>The specs of tasks, in the order of their keys as given.</summary>
    public Task<List<TaskSpec>> ReadSpecsAsync(IReadOnlyList<long> keys, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                using var command = connection.Command("SELECT spec, prompt FROM tasks WHERE key = $key");
                var key = command.Parameters.Add("$key", SqliteType.Integer);
                var specs = new List<TaskSpec>(keys.Count);
                foreach (var wanted in keys)
                {
                    key.Value = wanted;
                    using var reader = command.ExecuteReader();
                    specs.Add(reader.Read()
                        ? StoredSpec.Read(reader.GetFieldValue<byte[]>(0), reader.GetString(1))
                        : throw new StoreUnusableException($"The database lost the task with key {wanted}."));
                }

                return specs;
            },
            cancellation);

    public Task<StoredLease?> FindLeaseAsync(TaskId id, CancellationToken cancellation) =>
        connections.UseAsync<StoredLease?>(
            connection =>
            {
                using var command = connection.Command(
                    "SELECT state, lease_token FROM tasks WHERE key = $key AND random = $random");
                command.Parameters.AddWithValue("$key", id.Key);
                command.Parameters.AddWithValue("$random", id.Random);
                using var reader = command.ExecuteReader();
                return reader.Read()
                    ? new StoredLease((TaskState)reader.GetInt32(0), unchecked((ulong)reader.GetInt64(1)))
                    : null;
            },
            cancellation);

    /// <summary>The states of those tasks that there are.</summary>
    public Task<Dictionary<TaskId, TaskState>> FindStatesAsync(
        IReadOnlyCollection<TaskId> ids, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                using var command = connection.Command("SELECT state FROM tasks WHERE key = $key AND random = $random");
                var key = command.Parameters.Add("$key", SqliteType.Integer);
                var random = command.Parameters.Add("$random", SqliteType.Integer);
                var states = new Dictionary<TaskId, TaskState>();
                foreach (var id in ids)
                {
                    (key.Value, random.Value) = (id.Key, id.Random);
                    if (command.ExecuteScalar() is long state)
                    {
                        states.Add(id, (TaskState)state);
                    }
                }

                return states;
            },
            cancellation);

    /// <summary>Those of the keys that are taken.</summary>
    public Task<HashSet<long>> FindKeysAsync(IReadOnlyCollection<long> keys, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                using var command = connection.Command("SELECT 1 FROM tasks WHERE key = $key");
                var parameter = command.Parameters.Add("$key", SqliteType.Integer);
                var found = new HashSet<long>();
                foreach (var key in keys)
                {
                    parameter.Value = key;
                    if (command.ExecuteScalar() is not null)
                    {
                        found.Add(key);
                    }
                }

                return found;
            },
            cancellation);

    /// <summary>Every task that is not finished, in the order of submission.</summary>
    public Task<List<LiveTask>> LoadLiveAsync(CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                using var command = connection.Command(LiveSelect + "WHERE state <= 4 ORDER BY key");
                using var reader = command.ExecuteReader();
                var tasks = new List<LiveTask>();
                while (reader.Read())
                {
                    tasks.Add(ReadLive(reader));
                }

                return tasks;
            },
            cancellation);

    /// <summary>A finished task as it was, or null when there is no such task.</summary>
    public Task<LiveTask?> LoadAsync(TaskId id, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                using var command = connection.Command(LiveSelect + "WHERE key = $key AND random = $random");
                command.Parameters.AddWithValue("$key", id.Key);
                command.Parameters.AddWithValue("$random", id.Random);
                using var reader = command.ExecuteReader();
                return reader.Read() ? ReadLive(reader) : null;
            },
            cancellation);

    /// <summary>How many tasks each state holds, and the newest key and event number.</summary>
    public Task<StoredTotals> ReadTotalsAsync(CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                var counts = new Dictionary<TaskState, long>();
                using var command = connection.Command("SELECT state, COUNT(*) FROM tasks GROUP BY state");
                using (var reader = command.ExecuteReader())
                {
                    while (reader.Read())
                    {
                        counts[(TaskState)reader.GetInt32(0)] = reader.GetInt64(1);
                    }
                }

                return new StoredTotals(
                    counts,
                    connection.Scalar("SELECT IFNULL(MAX(key), 0) FROM tasks"),
                    connection.Scalar("SELECT IFNULL(MAX(last), 0) FROM (SELECT last FROM events ORDER BY first DESC LIMIT 1)"));
            },
            cancellation);

    /// <summary>Keys of tasks that finished before a moment, oldest submitted first.</summary>
    public Task<List<FinishedTask>> FindFinishedAsync(long before, int max, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                // A task finishes after it was submitted, so the keys bound the search.
                using var command = connection.Command("""
                    SELECT key, random, state FROM tasks
                    WHERE key < $key AND state >= 5 AND finished_at < $before ORDER BY key LIMIT $max
                    """);
                command.Parameters.AddWithValue("$key", TaskId.FirstKeyOf(before));
                command.Parameters.AddWithValue("$before", before);
                command.Parameters.AddWithValue("$max", max);
                using var reader = command.ExecuteReader();
                var found = new List<FinishedTask>();
                while (reader.Read())
                {
                    found.Add(new FinishedTask(
                        new TaskId(reader.GetInt64(0), reader.GetInt64(1)), (TaskState)reader.GetInt32(2)));
                }

                return found;
            },
            cancellation);

    public Task<EventPage> ReadEventsAsync(long from, int max, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                using var command = connection.Command("""
                    SELECT body FROM events
                    WHERE first >= (SELECT IFNULL(MAX(first), 0) FROM events WHERE first <= $from) ORDER BY first
                    """);
                command.Parameters.AddWithValue("$from", from);
                using var reader = command.ExecuteReader();
                var events = new List<TaskEvent>();
                while (events.Count < max && reader.Read())
                {
                    StoredEvents.AddTo(events, reader.GetFieldValue<byte[]>(0), from, max);
                }

                return new EventPage(events, Gap: events.Count > 0 && events[0].Sequence > from);
            },
            cancellation);

    private const string LiveSelect = """
        SELECT key, random, state, type, priority, client, IFNULL(batch, ''), attempts_used, attempts_max, lease_token,
            due_at, deadline_at, started_at, finished_at, last_event, output_bytes, IFNULL(node, ''), history, spec
        FROM tasks

        """;

    private static LiveTask ReadLive(SqliteDataReader reader)
    {
        var history = TaskRows.ReadHistory(reader, 17);
        var spec = TaskSpec.Parser.ParseFrom(reader.GetFieldValue<byte[]>(18));
        return new LiveTask
        {
            Id = new TaskId(reader.GetInt64(0), reader.GetInt64(1)),
            State = (TaskState)reader.GetInt32(2),
            Lane = LaneKey.Of(spec),
            Priority = reader.GetInt32(4),
            Client = reader.GetString(5),
            BatchId = reader.GetString(6),
            AttemptsUsed = reader.GetInt32(7),
            AttemptsMax = reader.GetInt32(8),
            LeaseToken = unchecked((ulong)reader.GetInt64(9)),
            DueAt = reader.GetInt64(10),
            DeadlineAt = reader.GetInt64(11),
            NotBeforeAt = spec.NotBefore?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0,
            StartedAt = reader.GetInt64(12),
            FinishedAt = reader.GetInt64(13),
            LastEvent = reader.GetInt64(14),
            OutputBytes = reader.GetInt64(15),
            Node = reader.GetString(16),
            DependsOn = [.. spec.DependsOn.Select(TaskId.Parse).Distinct()],
            RunIfDependencyFailed = spec.RunIfDependencyFailed,
            Attempts = [.. history.Attempts],
            Error = history.Error,
        };
    }
}

/// <summary>State and newest lease of a task on disk.</summary>
internal readonly record struct StoredLease(TaskState State, ulong Token);

/// <summary>What is on disk when a store opens.</summary>
internal sealed record StoredTotals(IReadOnlyDictionary<TaskState, long> Counts, long LastKey, long LastSequence);

/// <summary>A task that retention may remove.</summary>
internal readonly record struct FinishedTask(TaskId Id, TaskState State);
