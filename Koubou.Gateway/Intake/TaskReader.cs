using System.Text.Json;
using Koubou.Contracts;

namespace Koubou.Gateway.Intake;

/// <summary>Reads submitted tasks from JSON and collects every fault of shape on the way.</summary>
internal static class TaskReader
{
    // Only a bound on memory: how many tasks a batch may have is the scheduler's rule, and far below.
    private const int BatchEntriesMax = 10_000;

    /// <summary>Sample: <c>{"type":"code","prompt":"…","priority":8}</c>.</summary>
    public static void ReadOne(ref Utf8JsonReader reader, Draft draft)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            draft.Faults.Add("body", $"must be an object, such as {{\"prompt\": \"…\"}}; was {JsonInput.Show(ref reader)}");
            reader.Skip();
            return;
        }

        draft.Specs.Add(new TaskSpec());
        ReadFields(ref reader, draft);
    }

    /// <summary>Sample: <c>{"tasks":[{"prompt":"…"},{"prompt":"…"}],"batch_id":"night"}</c>.</summary>
    public static void ReadBatch(ref Utf8JsonReader reader, Draft draft)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            draft.Faults.Add("body", $"must be an object with tasks; was {JsonInput.Show(ref reader)}");
            reader.Skip();
            return;
        }

        string? batchId = null;
        var sawTasks = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonInput.Text(ref reader) ?? "…";
            reader.Read();
            switch (name)
            {
                case "tasks":
                    sawTasks = true;
                    ReadTasks(ref reader, draft);
                    break;
                case "batch_id" when reader.TokenType == JsonTokenType.String:
                    batchId = JsonInput.Text(ref reader);
                    break;
                case "batch_id":
                    draft.Faults.Add(name, $"must be a text; was {JsonInput.Show(ref reader)}");
                    reader.Skip();
                    break;
                default:
                    draft.Faults.Add(name, Nearest.Fault(name, "a field of a batch", ["tasks", "batch_id"]));
                    reader.Skip();
                    break;
            }
        }

        if (!sawTasks)
        {
            draft.Faults.Add("tasks", "is missing; it must be a list of tasks");
        }

        foreach (var spec in draft.Specs.Where(spec => spec.BatchId.Length == 0))
        {
            spec.BatchId = batchId ?? "";
        }
    }

    private static void ReadTasks(ref Utf8JsonReader reader, Draft draft)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            draft.Faults.Add("tasks", $"must be a list of tasks; was {JsonInput.Show(ref reader)}");
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (draft.Specs.Count == BatchEntriesMax)
            {
                draft.Faults.Add("tasks", $"has more than {BatchEntriesMax:N0} entries");
                while (reader.TokenType != JsonTokenType.EndArray)
                {
                    reader.Skip();
                    reader.Read();
                }

                return;
            }

            draft.Specs.Add(new TaskSpec());
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadFields(ref reader, draft);
            }
            else
            {
                draft.Faults.Add(
                    $"tasks[{draft.Specs.Count - 1}]", $"must be an object; was {JsonInput.Show(ref reader)}");
                reader.Skip();
            }
        }
    }

    private static void ReadFields(ref Utf8JsonReader reader, Draft draft)
    {
        var index = draft.Specs.Count - 1;
        var spec = draft.Specs[index];
        var seen = 0u;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = TaskFields.Find(ref reader);
            if (found < 0)
            {
                var name = JsonInput.Text(ref reader) ?? "…";
                draft.Faults.Add(
                    draft.PathOf(index, name), Nearest.Fault(name, "a field of a task", TaskFields.Names));
                reader.Read();
                reader.Skip();
                continue;
            }

            var field = TaskFields.All[found];
            if ((seen & (1u << found)) != 0)
            {
                draft.Faults.Add(draft.PathOf(index, field.Name), "is given more than once");
            }

            seen |= 1u << found;
            reader.Read();
            ReadField(ref reader, draft, index, field, spec);
        }
    }

    private static void ReadField(
        ref Utf8JsonReader reader, Draft draft, int index, Fields.TaskField field, TaskSpec spec)
    {
        // null says the same as leaving the field out.
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        var before = reader;
        if (field.Read(ref reader, spec) is { } must)
        {
            // A field that read into its value has said itself what was wrong inside.
            var inside = reader.BytesConsumed != before.BytesConsumed;
            draft.Faults.Add(
                draft.PathOf(index, field.Name), inside ? must : $"{must}; was {JsonInput.Show(ref before)}");
            if (!inside)
            {
                reader.Skip();
            }
        }
    }
}
