using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Writes batches, each in one transaction with one fsync. Used by the commit loop alone.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly PreparedCommand _begin;
    private readonly PreparedCommand _commit;
    private readonly PreparedCommand _rollback;
    private readonly PreparedCommand _insertTask;
    private readonly PreparedCommand _updateTask;
    private readonly PreparedCommand _deleteTask;
    private readonly PreparedCommand _deleteOutput;
    private readonly PreparedCommand _deleteLabels;
    private readonly PreparedCommand _insertLabel;
    private readonly PreparedCommand _putOutput;
    private readonly PreparedCommand _insertEvents;
    private readonly PreparedCommand _findIdempotent;
    private readonly PreparedCommand _deleteEvents;
    private readonly PreparedCommand _putBatch;
    private readonly PreparedCommand _deleteBatch;
    private readonly PreparedCommand _readBytes;

    public SqliteWriter(SqliteConnection connection, long lastSequence)
    {
        _connection = connection;
        LastSequence = lastSequence;
        _begin = new PreparedCommand(connection, "BEGIN IMMEDIATE");
        _commit = new PreparedCommand(connection, "COMMIT");
        _rollback = new PreparedCommand(connection, "ROLLBACK");
        _insertTask = new PreparedCommand(connection, """
            INSERT INTO tasks (key, random, state, type, priority, client, batch, attempts_used, attempts_max,
                lease_token, due_at, deadline_at, started_at, finished_at, last_event, output_bytes,
                idempotency_key, spec, prompt)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, 0, ?9, ?10, 0, 0, ?11, 0, ?12, ?13, ?14)
            """);
        _updateTask = new PreparedCommand(connection, """
            UPDATE tasks SET state = ?2, attempts_used = ?3, due_at = ?4, started_at = ?5, finished_at = ?6,
                lease_token = ?7, node = ?8, last_event = ?9, output_bytes = ?10, history = ?11, deadline_at = ?12
            WHERE key = ?1
            """);
        _deleteTask = new PreparedCommand(connection, "DELETE FROM tasks WHERE key = ?1");
        _deleteOutput = new PreparedCommand(connection, "DELETE FROM outputs WHERE key = ?1");
        _deleteLabels = new PreparedCommand(connection, "DELETE FROM labels WHERE key = ?1");
        _insertLabel = new PreparedCommand(connection, "INSERT INTO labels (name, value, key) VALUES (?1, ?2, ?3)");
        _putOutput = new PreparedCommand(
            connection, "INSERT OR REPLACE INTO outputs (key, output, structured) VALUES (?1, ?2, ?3)");
        _insertEvents = new PreparedCommand(
            connection, "INSERT INTO events (first, last, at, body) VALUES (?1, ?2, ?3, ?4)");
        _findIdempotent = new PreparedCommand(
            connection, "SELECT key, random, state FROM tasks WHERE client = ?1 AND idempotency_key = ?2");
        _readBytes = new PreparedCommand(connection, """
            SELECT (page_count - freelist_count) * page_size
            FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()
            """);
        _deleteEvents = new PreparedCommand(connection, "DELETE FROM events WHERE at < ?1");
        _putBatch = new PreparedCommand(connection, """
            INSERT INTO batches (id, first, client, policy) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (id) DO UPDATE SET first = MIN(first, excluded.first), policy = MIN(policy, excluded.policy)
            """);
        _deleteBatch = new PreparedCommand(
            connection, "DELETE FROM batches WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM tasks WHERE batch = ?1)");
    }

    /// <summary>Number of the newest event on disk.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Writes a batch; returns its events, numbered.</summary>
    /// <param name="batch">What to write.</param>
    /// <param name="images">The rows of <see cref="WriteBatch.Dirty"/>, copied under the gate.</param>
    /// <param name="now">Milliseconds since 1970.</param>
    public IReadOnlyList<TaskEvent> Write(WriteBatch batch, IReadOnlyList<RowImage> images, long now)
    {
        _begin.Run();
        try
        {
            FindDuplicates(batch.Inserts);
            var events = NumberEvents(batch);
            InsertTasks(batch.Inserts);
            UpdateTasks(images);
            foreach (var output in batch.Outputs)
            {
                _putOutput.Set(1, output.Key).Set(2, output.Output).Set(3, output.StructuredOutput).Run();
            }

            foreach (var key in batch.Deletes)
            {
                _deleteTask.Set(1, key).Run();
                _deleteOutput.Set(1, key).Run();
                _deleteLabels.Set(1, key).Run();
            }

            foreach (var id in batch.BatchesTouched)
            {
                _deleteBatch.Set(1, id).Run();
            }

            if (batch.DeleteEventsBefore > 0)
            {
                _deleteEvents.Set(1, batch.DeleteEventsBefore).Run();
            }

            InsertEvents(events, now);
            _commit.Run();
            LastSequence += events.Count;
            return events;
        }
        catch
        {
            TryRollBack();
            throw;
        }
    }

    /// <summary>Bytes of data in the database. Called by the commit loop, between two writes.</summary>
    public long BytesUsed()
    {
        long bytes = 0;
        while (_readBytes.Step())
        {
            bytes = _readBytes.GetInt64(0);
        }

        return bytes;
    }

    public void Dispose()
    {
        foreach (var command in (PreparedCommand[])
            [_begin, _commit, _rollback, _insertTask, _updateTask, _deleteTask, _deleteOutput, _deleteLabels, _insertLabel,
                _putOutput, _insertEvents, _findIdempotent, _deleteEvents, _readBytes, _putBatch, _deleteBatch])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private void FindDuplicates(List<TaskInsert> inserts)
    {
        Dictionary<(string, string), TaskInsert>? sameBatch = null;
        Dictionary<string, string>? known = null;
        foreach (var insert in inserts)
        {
            if (insert.IdempotencyKey.Length == 0)
            {
                continue;
            }

            insert.Duplicate = FindIdempotent(insert.Task.Client, insert.IdempotencyKey);
            sameBatch ??= [];
            if (insert.Duplicate is null && !sameBatch.TryAdd((insert.Task.Client, insert.IdempotencyKey), insert))
            {
                var first = sameBatch[(insert.Task.Client, insert.IdempotencyKey)].Task;
                insert.Duplicate = new TaskReceipt { Id = first.Id.ToString(), State = first.State, Duplicate = true };
            }

            if (insert.Duplicate is { } duplicate)
            {
                (known ??= []).Add(insert.Task.Id.ToString(), duplicate.Id);
            }
        }

        if (known is not null)
        {
            inserts.ForEach(insert => insert.RedirectDependencies(known));
        }
    }

    private TaskReceipt? FindIdempotent(string client, string idempotencyKey)
    {
        TaskReceipt? first = null;
        _findIdempotent.Set(1, client).Set(2, idempotencyKey);
        while (_findIdempotent.Step())
        {
            first = new TaskReceipt
            {
                Id = new TaskId(_findIdempotent.GetInt64(0), _findIdempotent.GetInt64(1)).ToString(),
                State = (TaskState)_findIdempotent.GetInt64(2),
                Duplicate = true,
            };
        }

        return first;
    }

    private List<TaskEvent> NumberEvents(WriteBatch batch)
    {
        var events = new List<TaskEvent>(batch.Events.Count + batch.Inserts.Count);
        var sequence = LastSequence;
        foreach (var insert in batch.Inserts)
        {
            if (insert.Duplicate is null)
            {
                Number(insert.Task, TaskEvents.Submitted(insert.Task, insert.SubmittedAt));
            }
        }

        foreach (var (task, change) in batch.Events)
        {
            Number(task, change);
        }

        return events;

        void Number(LiveTask task, TaskEvent change)
        {
            change.Sequence = ++sequence;
            task.LastEvent = sequence;
            events.Add(change);
        }
    }

    private void InsertTasks(List<TaskInsert> inserts)
    {
        foreach (var insert in inserts)
        {
            if (insert.Duplicate is not null)
            {
                continue;
            }

            var task = insert.Task;
            _insertTask
                .Set(1, task.Id.Key).Set(2, task.Id.Random).Set(3, (long)task.State).Set(4, task.Lane.Type)
                .Set(5, task.Priority).Set(6, task.Client).Set(7, NullIfEmpty(task.BatchId)).Set(8, task.AttemptsMax)
                .Set(9, task.DueAt).Set(10, task.DeadlineAt).Set(11, task.LastEvent)
                .Set(12, NullIfEmpty(insert.IdempotencyKey)).Set(13, insert.SpecBytes).Set(14, insert.Prompt)
                .Run();
            foreach (var (name, value) in insert.Labels ?? Enumerable.Empty<KeyValuePair<string, string>>())
            {
                _insertLabel.Set(1, name).Set(2, value).Set(3, task.Id.Key).Run();
            }

            if (insert.Imported is { } imported)
            {
                UpdateTasks([task.ToImage()]);
                if (imported.Output.Length + imported.StructuredOutput.Length > 0)
                {
                    _putOutput.Set(1, task.Id.Key).Set(2, imported.Output).Set(3, imported.StructuredOutput).Run();
                }
            }
        }

        PutBatches(inserts);
    }

    private void PutBatches(List<TaskInsert> inserts)
    {
        foreach (var batch in inserts
            .Where(insert => insert.Duplicate is null && insert.Task.BatchId.Length > 0)
            .GroupBy(insert => insert.Task.BatchId, StringComparer.Ordinal))
        {
            var first = batch.MinBy(insert => insert.Task.Id.Key)!.Task;
            _putBatch
                .Set(1, batch.Key).Set(2, first.Id.Key).Set(3, first.Client)
                .Set(4, (long)batch.Min(insert => insert.Task.Lane.Policy))
                .Run();
        }
    }

    private void UpdateTasks(IReadOnlyList<RowImage> images)
    {
        foreach (var image in images)
        {
            _updateTask
                .Set(1, image.Task.Id.Key).Set(2, (long)image.State).Set(3, image.AttemptsUsed).Set(4, image.DueAt)
                .Set(5, image.StartedAt).Set(6, image.FinishedAt).Set(7, unchecked((long)image.LeaseToken))
                .Set(8, NullIfEmpty(image.Node)).Set(9, image.Task.LastEvent).Set(10, image.OutputBytes)
                .Set(11, ToHistory(image)).Set(12, image.DeadlineAt)
                .Run();
        }
    }

    private void InsertEvents(List<TaskEvent> events, long now)
    {
        if (events.Count == 0)
        {
            return;
        }

        var body = new EventBatch { Events = { events } }.ToByteArray();
        _insertEvents.Set(1, events[0].Sequence).Set(2, events[^1].Sequence).Set(3, now).Set(4, body).Run();
    }

    private void TryRollBack()
    {
        try
        {
            _rollback.Run();
        }
        catch (SqliteException)
        {
            // The failed statement may have ended the transaction already; the first error is the one to report.
        }
    }

    // A record that holds nothing but attempts, error and artifacts serves as the row's history.
    private static byte[] ToHistory(in RowImage image) =>
        new TaskRecord { Attempts = { image.Attempts }, Error = image.Error, Artifacts = { image.Artifacts } }.ToByteArray();

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
