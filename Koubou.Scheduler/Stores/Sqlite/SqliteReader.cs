using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Reads what is on disk, on connections of its own: readers never wait for the commit loop.</summary>
internal sealed class SqliteReader(string connectionString) : IDisposable
{
    private const int ConnectionsMax = 8;
    private const long TotalMaxDefault = 10_001;
    private const int ListPromptCharacters = 1_000;
    private const string Columns = "key, random, state, attempts_used, attempts_max, due_at, started_at, finished_at, "
        + "last_event, output_bytes, history, spec, ";

    private readonly ConcurrentBag<SqliteConnection> idle = [];
    private readonly SemaphoreSlim places = new(ConnectionsMax);

    public Task<TaskRecord?> GetAsync(TaskId id, bool includeOutput, CancellationToken cancellation) =>
        UseAsync(
            connection =>
            {
                using var command = Command(connection, $"SELECT {Columns}prompt FROM tasks WHERE key = $key AND random = $random");
                command.Parameters.AddWithValue("$key", id.Key);
                command.Parameters.AddWithValue("$random", id.Random);
                using var reader = command.ExecuteReader();
                if (!reader.Read())
                {
                    return null;
                }

                var record = ReadRecord(reader);
                if (includeOutput)
                {
                    AddOutput(connection, id.Key, record);
                }

                return record;
            },
            cancellation);

    public Task<ListReply> ListAsync(ListRequest request, int pageSize, CancellationToken cancellation) =>
        UseAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                var where = Filter(request, command);
                var reply = new ListReply { Total = Count(connection, command, where, request.TotalMax) };

                AddPage(request, pageSize, command, where);
                using var reader = command.ExecuteReader();
                long lastKey = 0;
                while (reply.Tasks.Count < pageSize && reader.Read())
                {
                    lastKey = reader.GetInt64(0);
                    reply.Tasks.Add(ReadRecord(reader));
                    if (request.IncludeOutput)
                    {
                        AddOutput(connection, lastKey, reply.Tasks[^1]);
                    }
                }

                if (reader.Read())
                {
                    reply.NextPageToken = lastKey.ToString(CultureInfo.InvariantCulture);
                }

                return reply;
            },
            cancellation);

    /// <summary>The specs of tasks, in the order of their keys as given.</summary>
    public Task<List<TaskSpec>> ReadSpecsAsync(IReadOnlyList<long> keys, CancellationToken cancellation) =>
        UseAsync(
            connection =>
            {
                using var command = Command(connection, "SELECT spec, prompt FROM tasks WHERE key = $key");
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
        UseAsync<StoredLease?>(
            connection =>
            {
                using var command = Command(
                    connection, "SELECT state, lease_token FROM tasks WHERE key = $key AND random = $random");
                command.Parameters.AddWithValue("$key", id.Key);
                command.Parameters.AddWithValue("$random", id.Random);
                using var reader = command.ExecuteReader();
                return reader.Read()
                    ? new StoredLease((TaskState)reader.GetInt32(0), unchecked((ulong)reader.GetInt64(1)))
                    : null;
            },
            cancellation);

    /// <summary>Every task that is not finished, in the order of submission.</summary>
    public Task<List<LiveTask>> LoadLiveAsync(CancellationToken cancellation) =>
        UseAsync(
            connection =>
            {
                using var command = Command(connection, LiveSelect + "WHERE state <= 4 ORDER BY key");
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
        UseAsync(
            connection =>
            {
                using var command = Command(connection, LiveSelect + "WHERE key = $key AND random = $random");
                command.Parameters.AddWithValue("$key", id.Key);
                command.Parameters.AddWithValue("$random", id.Random);
                using var reader = command.ExecuteReader();
                return reader.Read() ? ReadLive(reader) : null;
            },
            cancellation);

    /// <summary>How many tasks each state holds, and the newest key and event number.</summary>
    public Task<StoredTotals> ReadTotalsAsync(CancellationToken cancellation) =>
        UseAsync(
            connection =>
            {
                var counts = new Dictionary<TaskState, long>();
                using var command = Command(connection, "SELECT state, COUNT(*) FROM tasks GROUP BY state");
                using (var reader = command.ExecuteReader())
                {
                    while (reader.Read())
                    {
                        counts[(TaskState)reader.GetInt32(0)] = reader.GetInt64(1);
                    }
                }

                return new StoredTotals(
                    counts,
                    Scalar(connection, "SELECT IFNULL(MAX(key), 0) FROM tasks"),
                    Scalar(connection, "SELECT IFNULL(MAX(last), 0) FROM (SELECT last FROM events ORDER BY first DESC LIMIT 1)"));
            },
            cancellation);

    /// <summary>Keys of tasks that finished before a moment, oldest submitted first.</summary>
    public Task<List<FinishedTask>> FindFinishedAsync(long before, int max, CancellationToken cancellation) =>
        UseAsync(
            connection =>
            {
                // A task finishes after it was submitted, so the keys bound the search.
                using var command = Command(connection, """
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
        UseAsync(
            connection =>
            {
                using var command = Command(connection, """
                    SELECT body FROM events
                    WHERE first >= (SELECT IFNULL(MAX(first), 0) FROM events WHERE first <= $from) ORDER BY first
                    """);
                command.Parameters.AddWithValue("$from", from);
                using var reader = command.ExecuteReader();
                var events = new List<TaskEvent>();
                while (events.Count < max && reader.Read())
                {
                    var batch = EventBatch.Parser.ParseFrom(reader.GetFieldValue<byte[]>(0));
                    events.AddRange(batch.Events.Where(change => change.Sequence >= from).Take(max - events.Count));
                }

                return new EventPage(events, Gap: events.Count > 0 && events[0].Sequence > from);
            },
            cancellation);

    public void Dispose()
    {
        while (idle.TryTake(out var connection))
        {
            connection.Dispose();
        }

        places.Dispose();
    }

    private const string LiveSelect = """
        SELECT key, random, state, type, priority, client, IFNULL(batch, ''), attempts_used, attempts_max, lease_token,
            due_at, deadline_at, started_at, finished_at, last_event, output_bytes, IFNULL(node, ''), history, spec
        FROM tasks

        """;

    private static LiveTask ReadLive(SqliteDataReader reader)
    {
        var history = ReadHistory(reader, 17);
        var spec = TaskSpec.Parser.ParseFrom(reader.GetFieldValue<byte[]>(18));
        return new LiveTask
        {
            Id = new TaskId(reader.GetInt64(0), reader.GetInt64(1)),
            State = (TaskState)reader.GetInt32(2),
            Lane = new LaneKey(reader.GetString(3), spec.Backend, spec.Model, spec.DataPolicy),
            Priority = reader.GetInt32(4),
            Client = reader.GetString(5),
            BatchId = reader.GetString(6),
            AttemptsUsed = reader.GetInt32(7),
            AttemptsMax = reader.GetInt32(8),
            LeaseToken = unchecked((ulong)reader.GetInt64(9)),
            DueAt = reader.GetInt64(10),
            DeadlineAt = reader.GetInt64(11),
            StartedAt = reader.GetInt64(12),
            FinishedAt = reader.GetInt64(13),
            LastEvent = reader.GetInt64(14),
            OutputBytes = reader.GetInt64(15),
            Node = reader.GetString(16),
            Attempts = [.. history.Attempts],
            Error = history.Error,
        };
    }

    private static TaskRecord ReadRecord(SqliteDataReader reader)
    {
        var id = new TaskId(reader.GetInt64(0), reader.GetInt64(1));
        var record = ReadHistory(reader, 10);
        record.Id = id.ToString();
        record.Spec = StoredSpec.Read(reader.GetFieldValue<byte[]>(11), reader.GetString(12));
        record.State = (TaskState)reader.GetInt32(2);
        record.SubmittedAt = Timestamp.FromDateTimeOffset(id.CreatedAt);
        record.AttemptsUsed = reader.GetInt32(3);
        record.AttemptsMax = reader.GetInt32(4);
        record.DueAt = record.State == TaskState.Scheduled ? ToTimestamp(reader.GetInt64(5)) : null;
        record.StartedAt = ToTimestamp(reader.GetInt64(6));
        record.FinishedAt = ToTimestamp(reader.GetInt64(7));
        record.LastEvent = reader.GetInt64(8);
        record.OutputBytes = reader.GetInt64(9);
        return record;
    }

    private static TaskRecord ReadHistory(SqliteDataReader reader, int column) => reader.IsDBNull(column)
        ? new TaskRecord()
        : TaskRecord.Parser.ParseFrom(reader.GetFieldValue<byte[]>(column));

    private static Timestamp? ToTimestamp(long unixMilliseconds) => unixMilliseconds == 0
        ? null
        : Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds));

    private static void AddOutput(SqliteConnection connection, long key, TaskRecord record)
    {
        using var command = Command(connection, "SELECT output, structured FROM outputs WHERE key = $key");
        command.Parameters.AddWithValue("$key", key);
        using var reader = command.ExecuteReader();
        if (reader.Read())
        {
            record.Output = reader.GetString(0);
            record.StructuredOutput = reader.GetString(1);
        }
    }

    private static string Filter(ListRequest request, SqliteCommand command)
    {
        var where = new StringBuilder("WHERE 1 = 1");
        AddList("state", request.States.Select(state => (object)(int)state));
        AddList("type", request.Types_);
        AddEqual("client", request.Client);
        AddEqual("batch", request.BatchId);
        AddEqual("node", request.Node);
        foreach (var (name, value) in request.Labels)
        {
            where.Append(CultureInfo.InvariantCulture,
                $" AND key IN (SELECT key FROM labels WHERE name = {Add(name)} AND value = {Add(value)})");
        }

        if (request.Text.Length > 0)
        {
            var pattern = request.Text.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_");
            where.Append(CultureInfo.InvariantCulture, $" AND prompt LIKE {Add("%" + pattern + "%")} ESCAPE '\\'");
        }

        return where.ToString();

        void AddEqual(string column, string value)
        {
            if (value.Length > 0)
            {
                where.Append(CultureInfo.InvariantCulture, $" AND {column} = {Add(value)}");
            }
        }

        void AddList(string column, IEnumerable<object> values)
        {
            var names = values.Select(Add).ToList();
            if (names.Count > 0)
            {
                where.Append(CultureInfo.InvariantCulture, $" AND {column} IN ({string.Join(',', names)})");
            }
        }

        string Add(object value)
        {
            var name = $"$p{command.Parameters.Count}";
            command.Parameters.AddWithValue(name, value);
            return name;
        }
    }

#pragma warning disable CA2100 // The texts are built from constants and parameter names only.
    private static long Count(SqliteConnection connection, SqliteCommand filter, string where, long totalMax)
    {
        var max = totalMax == 0 ? TotalMaxDefault : totalMax;
        using var command = Command(connection, $"SELECT COUNT(*) FROM (SELECT 1 FROM tasks {where} LIMIT {max})");
        foreach (SqliteParameter parameter in filter.Parameters)
        {
            command.Parameters.AddWithValue(parameter.ParameterName, parameter.Value);
        }

        return (long)command.ExecuteScalar()!;
    }

    private static void AddPage(ListRequest request, int pageSize, SqliteCommand command, string where)
    {
        var prompt = request.IncludeOutput ? "prompt" : $"substr(prompt, 1, {ListPromptCharacters})";
        var after = "";
        if (request.PageToken.Length > 0)
        {
            after = request.OldestFirst ? " AND key > $after" : " AND key < $after";
            command.Parameters.AddWithValue("$after", long.Parse(request.PageToken, CultureInfo.InvariantCulture));
        }

        var order = request.OldestFirst ? "ASC" : "DESC";
        command.CommandText =
            $"SELECT {Columns}{prompt} FROM tasks {where}{after} ORDER BY key {order} "
            + $"LIMIT {pageSize + 1} OFFSET {request.Skip}";
    }

    private static SqliteCommand Command(SqliteConnection connection, string text)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }
#pragma warning restore CA2100

    private static long Scalar(SqliteConnection connection, string text)
    {
        using var command = Command(connection, text);
        return command.ExecuteScalar() is long value ? value : 0;
    }

    private async Task<T> UseAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellation)
    {
        await places.WaitAsync(cancellation);
        try
        {
            if (!idle.TryTake(out var connection))
            {
                connection = new SqliteConnection(connectionString);
                connection.Open();
            }

            var result = read(connection);
            idle.Add(connection);
            return result;
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Explain(error);
        }
        finally
        {
            places.Release();
        }
    }
}

/// <summary>State and newest lease of a task on disk.</summary>
internal readonly record struct StoredLease(TaskState State, ulong Token);

/// <summary>What is on disk when a store opens.</summary>
internal sealed record StoredTotals(IReadOnlyDictionary<TaskState, long> Counts, long LastKey, long LastSequence);

/// <summary>A task that retention may remove.</summary>
internal readonly record struct FinishedTask(TaskId Id, TaskState State);
