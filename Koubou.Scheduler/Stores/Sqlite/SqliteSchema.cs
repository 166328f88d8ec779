using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>The tables, as numbered steps from an empty file to today's form (<c>PRAGMA user_version</c>).</summary>
internal static class SqliteSchema
{
    /// <summary>A change of the schema is a new step at the end; steps that were released never change.</summary>
    private static readonly string[] Steps =
    [
        """
        -- One row a task. The key is the sortable part of its id, so that rows lie in the order of submission.
        CREATE TABLE tasks (
            key             INTEGER PRIMARY KEY,
            random          INTEGER NOT NULL,
            state           INTEGER NOT NULL,
            type            TEXT NOT NULL,
            priority        INTEGER NOT NULL,
            client          TEXT NOT NULL,
            batch           TEXT,
            node            TEXT,
            attempts_used   INTEGER NOT NULL,
            attempts_max    INTEGER NOT NULL,
            lease_token     INTEGER NOT NULL,
            due_at          INTEGER NOT NULL,
            deadline_at     INTEGER NOT NULL,
            started_at      INTEGER NOT NULL,
            finished_at     INTEGER NOT NULL,
            last_event      INTEGER NOT NULL,
            output_bytes    INTEGER NOT NULL,
            idempotency_key TEXT,
            history         BLOB,
            spec            BLOB NOT NULL,
            prompt          TEXT NOT NULL
        ) STRICT;

        -- What is not done, and what needs a person: found without reading what succeeded.
        CREATE INDEX tasks_unsettled ON tasks (state, key) WHERE state <> 5;
        CREATE UNIQUE INDEX tasks_idempotency ON tasks (client, idempotency_key) WHERE idempotency_key IS NOT NULL;
        CREATE INDEX tasks_batch ON tasks (batch, key) WHERE batch IS NOT NULL;

        CREATE TABLE outputs (
            key        INTEGER PRIMARY KEY,
            output     TEXT NOT NULL,
            structured TEXT NOT NULL
        ) STRICT;

        CREATE TABLE labels (
            name  TEXT NOT NULL,
            value TEXT NOT NULL,
            key   INTEGER NOT NULL,
            PRIMARY KEY (name, value, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX labels_key ON labels (key);

        -- One row a commit: all its events in one message, so that the log costs one insert for a whole group.
        CREATE TABLE events (
            first INTEGER PRIMARY KEY,
            last  INTEGER NOT NULL,
            at    INTEGER NOT NULL,
            body  BLOB NOT NULL
        ) STRICT;
        """,
        """
        -- One row a batch, from its first task to the removal of its last. A batch of before this step counts as the
        -- strictest kind: its tasks' own policies are not touched.
        CREATE TABLE batches (
            id     TEXT PRIMARY KEY,
            first  INTEGER NOT NULL,
            client TEXT NOT NULL,
            policy INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX batches_first ON batches (first);
        INSERT INTO batches (id, first, client, policy)
            SELECT batch, MIN(key), client, 1 FROM tasks WHERE batch IS NOT NULL GROUP BY batch;
        """,
    ];

    /// <summary>The version that this program writes.</summary>
    public static int Version => Steps.Length;

    /// <summary>Brings a database to <see cref="Version"/>; refuses one that a newer program wrote.</summary>
    public static void Migrate(SqliteConnection connection, string file)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var version = Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
        if (version > Version)
        {
            throw new StoreUnusableException(
                $"The database {file} has version {version}, written by a newer Koubou; this one knows versions up to "
                + $"{Version}. Update Koubou, or move the file away to start with an empty queue.");
        }

        for (; version < Version; version++)
        {
            using var transaction = connection.BeginTransaction();
            command.Transaction = transaction;
#pragma warning disable CA2100 // The text is a constant of this class.
            command.CommandText = Steps[version] + $"\nPRAGMA user_version = {version + 1};";
#pragma warning restore CA2100
            command.ExecuteNonQuery();
            transaction.Commit();
        }
    }
}
