using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Koubou.Bench.Raw;

/// <summary>
/// What SQLite itself gives to a plain queue: one table, UUID keys, an index for the order, prepared statements, WAL,
/// synchronous=FULL, one thread and no network. A lifecycle is insert, lease of the best ready task, and complete; each
/// of the three has a commit of its own for the group.
/// </summary>
internal sealed class RawSqlite(Report report)
{
    private const string Durability = "fsync per commit (WAL, synchronous=FULL)";
    private static readonly string Prompt = new('x', 100);

    public void Run()
    {
        report.Add("raw_sqlite_lifecycle_1", Lifecycle(groups: 500, size: 1), "tasks/s", Durability);
        report.Add("raw_sqlite_lifecycle_100", Lifecycle(groups: 200, size: 100), "tasks/s", Durability);
        report.Add("raw_sqlite_lifecycle_1000", Lifecycle(groups: 20, size: 1_000), "tasks/s", Durability);
        report.Add("raw_sqlite_insert_100", Insert(groups: 400, size: 100), "tasks/s", Durability);
    }

    /// <summary>Tasks per second, each inserted, leased and completed.</summary>
    public static double Lifecycle(int groups, int size) => Measure(groups * size, connection =>
    {
        using var insert = InsertCommand(connection);
        using var lease = Command(connection, """
            UPDATE task SET state = 'running', attempt = attempt + 1, token = $a, until = $b
            WHERE id = (SELECT id FROM task WHERE state = 'queued' ORDER BY priority DESC, id LIMIT 1)
            RETURNING id, prompt
            """, "$a", "$b");
        using var complete = Command(
            connection, "UPDATE task SET state = 'succeeded', result = $b WHERE id = $a AND token = $c", "$a", "$b", "$c");
        var leased = new List<(string Id, string Token)>(size);
        for (var group = 0; group < groups; group++)
        {
            InsertGroup(connection, insert, size);
            leased.Clear();
            InTransaction(connection, lease, size, () =>
            {
                var token = Guid.NewGuid().ToString();
                lease.Parameters[0].Value = token;
                lease.Parameters[1].Value = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                using var reader = lease.ExecuteReader();
                reader.Read();
                leased.Add((reader.GetString(0), token));
            });
            var next = 0;
            InTransaction(connection, complete, size, () =>
            {
                complete.Parameters[0].Value = leased[next].Id;
                complete.Parameters[1].Value = Prompt;
                complete.Parameters[2].Value = leased[next++].Token;
                complete.ExecuteNonQuery();
            });
        }
    });

    /// <summary>Tasks per second, inserted only.</summary>
    public static double Insert(int groups, int size) => Measure(groups * size, connection =>
    {
        using var insert = InsertCommand(connection);
        for (var group = 0; group < groups; group++)
        {
            InsertGroup(connection, insert, size);
        }
    });

    private static void InsertGroup(SqliteConnection connection, SqliteCommand insert, int size) =>
        InTransaction(connection, insert, size, () =>
        {
            insert.Parameters[0].Value = Guid.CreateVersion7().ToString();
            insert.Parameters[1].Value = Random.Shared.Next(1, 11);
            insert.Parameters[2].Value = Prompt;
            insert.Parameters[3].Value = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            insert.ExecuteNonQuery();
        });

    private static void InTransaction(SqliteConnection connection, SqliteCommand command, int times, Action step)
    {
        using var transaction = connection.BeginTransaction();
        command.Transaction = transaction;
        for (var time = 0; time < times; time++)
        {
            step();
        }

        transaction.Commit();
    }

    private static SqliteCommand InsertCommand(SqliteConnection connection) => Command(
        connection,
        """
        INSERT INTO task (id, type, state, priority, attempt, prompt, created)
        VALUES ($a, 'noop', 'queued', $b, 0, $c, $d)
        """,
        "$a", "$b", "$c", "$d");

    private static SqliteCommand Command(SqliteConnection connection, string text, params string[] parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = "" });
        }

        command.Prepare();
        return command;
    }

    private static double Measure(int tasks, Action<SqliteConnection> work)
    {
        var folder = Directory.CreateTempSubdirectory("koubou-bench-");
        try
        {
            using var connection = new SqliteConnection($"Data Source={folder.FullName}/raw.db;Pooling=false");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                CREATE TABLE task (id TEXT PRIMARY KEY, type TEXT, state TEXT, priority INTEGER, attempt INTEGER,
                    prompt TEXT, token TEXT, until INTEGER, result TEXT, created INTEGER);
                CREATE INDEX ready ON task (state, priority DESC, id);
                """;
            command.ExecuteNonQuery();
            var start = Stopwatch.GetTimestamp();
            work(connection);
            return tasks / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
