using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Mcp.Files;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>From arguments to a draft that the common intake understands: files read, withheld fields refused.</summary>
internal sealed class TaskDrafts(RootFiles files)
{
    /// <summary>Reads one task.</summary>
    public async Task<Draft> ReadOneAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var draft = new Draft(isBatch: false);
        var task = ToObject(call.Arguments.All);
        await PrepareAsync(call.Request, task, draft, 0, cancellationToken);
        Parse(task, draft, (ref Utf8JsonReader reader) => TaskReader.ReadOne(ref reader, draft));
        return draft;
    }

    /// <summary>Reads a batch; what is under <paramref name="common"/> holds for each task that does not say otherwise.</summary>
    public async Task<Draft> ReadManyAsync(
        ToolCall call, JsonElement tasks, JsonObject common, string batchId, CancellationToken cancellationToken)
    {
        var draft = new Draft(isBatch: true);
        var list = new JsonArray();
        foreach (var entry in tasks.EnumerateArray())
        {
            var node = JsonSerializer.SerializeToNode(entry, SchemaJson.Default.JsonElement);
            if (node is JsonObject task)
            {
                AddCommon(task, common);
                await PrepareAsync(call.Request, task, draft, list.Count, cancellationToken);
            }

            list.Add(node);
        }

        var batch = new JsonObject { ["tasks"] = list, ["batch_id"] = batchId };
        Parse(batch, draft, (ref Utf8JsonReader reader) => TaskReader.ReadBatch(ref reader, draft));
        return draft;
    }

    private static JsonObject ToObject(IEnumerable<KeyValuePair<string, JsonElement>> fields) => new(
        fields.Select(field => new KeyValuePair<string, JsonNode?>(
            field.Key, JsonSerializer.SerializeToNode(field.Value, SchemaJson.Default.JsonElement))));

    private static void AddCommon(JsonObject task, JsonObject common)
    {
        foreach (var (name, value) in common)
        {
            if (!task.ContainsKey(name))
            {
                task.Add(name, value?.DeepClone());
            }
        }
    }

    private static void Parse(JsonObject content, Draft draft, JsonBody.Parser parser)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(content, SchemaJson.Default.JsonObject);
        if (JsonBody.Parse(new ReadOnlySequence<byte>(bytes), parser) is { } unreadable)
        {
            draft.Faults.Add("arguments", unreadable.Detail);
        }
    }

    private async Task PrepareAsync(
        RequestContext<CallToolRequestParams> request,
        JsonObject task,
        Draft draft,
        int index,
        CancellationToken cancellationToken)
    {
        foreach (var name in task.Select(field => field.Key).ToArray())
        {
            if (TaskToolFields.WhyNot(name) is { } why)
            {
                draft.Faults.Add(draft.PathOf(index, name), why);
                task.Remove(name);
            }
        }

        if (TaskToolFields.WhyNot(task[TaskToolFields.Options]) is { } loosened)
        {
            draft.Faults.Add(draft.PathOf(index, TaskToolFields.Options), loosened);
        }

        if (!task.Remove(TaskToolFields.Files, out var named) || named is null)
        {
            return;
        }

        var (text, faults) = await files.ReadAsync(request, named, cancellationToken);
        foreach (var fault in faults)
        {
            draft.Faults.Add(draft.PathOf(index, TaskToolFields.Files), fault);
        }

        if (task[TaskFields.Prompt] is JsonValue prompt && prompt.TryGetValue<string>(out var words))
        {
            task[TaskFields.Prompt] = words + text;
        }
    }
}
