using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Turns rows of tasks into records.</summary>
internal static class TaskRows
{
    /// <summary>The columns that <see cref="ReadRecord"/> reads; the prompt, whole or cut, comes after them.</summary>
    public const string Columns = "key, random, state, attempts_used, attempts_max, due_at, started_at, finished_at, "
        + "last_event, output_bytes, history, spec, ";

    public static TaskRecord ReadRecord(SqliteDataReader reader)
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

    public static TaskRecord ReadHistory(SqliteDataReader reader, int column) => reader.IsDBNull(column)
        ? new TaskRecord()
        : TaskRecord.Parser.ParseFrom(reader.GetFieldValue<byte[]>(column));

    public static Timestamp? ToTimestamp(long unixMilliseconds) => unixMilliseconds == 0
        ? null
        : Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds));

    public static void AddOutput(SqliteConnection connection, long key, TaskRecord record)
    {
        using var command = connection.Command("SELECT output, structured FROM outputs WHERE key = $key");
        command.Parameters.AddWithValue("$key", key);
        using var reader = command.ExecuteReader();
        if (reader.Read())
        {
            record.Output = reader.GetString(0);
            record.StructuredOutput = reader.GetString(1);
        }
    }
}
