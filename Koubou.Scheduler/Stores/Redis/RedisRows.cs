using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>Turns what the functions <c>get</c> and <c>batches</c> answer into records.</summary>
internal static class RedisRows
{
    public static TaskRecord ReadRecord(RedisResult row)
    {
        var parts = (RedisResult[])row!;
        var id = TaskId.Parse((string)parts[0]!);
        var fields = ReadFields(parts[1]);
        var record = new TaskRecord
        {
            Id = id.ToString(),
            Spec = RedisValues.ReadSpec(parts[2]),
            State = (TaskState)Number(fields, "s"),
            SubmittedAt = Timestamp.FromDateTimeOffset(id.CreatedAt),
            StartedAt = RedisValues.ToTimestamp(Number(fields, "x")),
            FinishedAt = RedisValues.ToTimestamp(Number(fields, "f")),
            AttemptsUsed = (int)Number(fields, "u"),
            AttemptsMax = (int)Number(fields, "m"),
            LastEvent = Number(fields, "e"),
            OutputBytes = Number(fields, "ob"),
            QueuePosition = (long)parts[5],
        };
        if (record.State == TaskState.Scheduled)
        {
            record.DueAt = RedisValues.ToTimestamp(Number(fields, "v"));
        }

        if (fields.TryGetValue("er", out var error) && error.Length() > 0)
        {
            record.Error = TaskError.Parser.ParseFrom((byte[])error!);
        }

        RedisHistory.Read((byte[])parts[3]!, record);
        var output = (byte[])parts[4]!;
        if (output.Length > 0)
        {
            var completed = Completed.Parser.ParseFrom(output);
            record.Output = completed.Output;
            record.StructuredOutput = completed.StructuredOutput;
        }

        record.WaitingFor.AddRange(((string[])parts[6]!).Distinct(StringComparer.Ordinal));
        return record;
    }

    public static Batch ReadBatch(string id, RedisResult row)
    {
        var fields = ReadFields(row);
        var batch = new Batch
        {
            Id = id,
            Client = (string)fields["c"]!,
            SubmittedAt = Timestamp.FromDateTimeOffset(TaskId.Parse((string)fields["i"]!).CreatedAt),
            DataPolicy = (DataPolicy)Number(fields, "pl"),
        };
        var isFinal = true;
        foreach (var state in TaskStates.All)
        {
            var count = Number(fields, "s" + ((int)state).ToString(CultureInfo.InvariantCulture));
            if (count > 0)
            {
                batch.TasksByState[state.ToWord()] = count;
                batch.Total += count;
                isFinal &= state.IsFinal();
            }
        }

        batch.FinishedAt = isFinal ? RedisValues.ToTimestamp(Number(fields, "f")) : null;
        return batch;
    }

    private static Dictionary<string, RedisValue> ReadFields(RedisResult row)
    {
        var values = (RedisValue[])row!;
        var fields = new Dictionary<string, RedisValue>(values.Length / 2, StringComparer.Ordinal);
        for (var index = 0; index < values.Length; index += 2)
        {
            fields[(string)values[index]!] = values[index + 1];
        }

        return fields;
    }

    private static long Number(Dictionary<string, RedisValue> fields, string name) =>
        fields.TryGetValue(name, out var value) && value.Length() > 0 ? (long)value : 0;
}
