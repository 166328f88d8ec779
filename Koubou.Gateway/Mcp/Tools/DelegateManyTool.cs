using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Unread;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Gives out a whole batch in one call.</summary>
internal sealed class DelegateManyTool(TaskDrafts drafts, TaskIntake intake, McpCaller callers, UnreadResults unread)
    : WorkshopTool<DelegatedMany>(Face, ReplyJson.Relaxed.DelegatedMany, callers, unread)
{
    private const string Tasks = "tasks";
    private const string Common = "common";
    private const string BatchId = "batch_id";
    private const int IdsShownMax = 100;

    private static readonly ToolFace Face = new()
    {
        Name = "delegate_many",
        Title = "Delegate many tasks",
        Description = """
            Gives a whole batch of tasks to the workshop in one call, all or none; at most 1,000. Each task has the
            fields of delegate; with depends_on ["#0"] it waits for the batch's first task, and pass_outputs hands it
            that answer. What is the same for all of them (type, system_prompt, output_schema, priority,
            labels) is said once, in common.

            Returns at once with a batch_id and the ids. Then call wait with the batch_id, or with ids and for: "any"
            to take results as they come. Prefer one batch over many single calls: the craftsmen share it out among
            themselves, and the queue stays fair towards other clients.
            """,
        Arguments = ToolSchemas.Arguments(
            [
                new(Tasks, new JsonObject
                {
                    ["type"] = "array",
                    ["description"] = "1 to 1,000 tasks.",
                    ["minItems"] = 1,
                    ["items"] = Node(ToolSchemas.Arguments(TaskToolFields.Properties(BatchId), TaskFields.Prompt)),
                }),
                new(Common, Described(
                    Node(ToolSchemas.Arguments(TaskToolFields.Properties(BatchId, TaskFields.Prompt, "idempotency_key"))),
                    "Fields that hold for every task which does not set them itself.")),
                ToolSchemas.Text(BatchId, "A name of your own for the batch. Default: a new one."),
            ],
            Tasks),
        AlwaysLoad = true,
    };

    /// <inheritdoc/>
    protected override async ValueTask<ToolOutcome<DelegatedMany>> RunAsync(
        ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var tasks = arguments[Tasks];
        if (tasks is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0)
        {
            arguments.Faults.Add(Tasks, "must be a list of at least one task, such as [{\"prompt\": \"…\"}]");
        }

        if (arguments[Common] is { ValueKind: not JsonValueKind.Object })
        {
            arguments.Faults.Add(Common, "must be an object of task fields");
        }

        var batchId = arguments.Text(BatchId) is { Length: > 0 } named ? named : $"mcp-{Guid.CreateVersion7()}";
        if (arguments.Faults.Any)
        {
            return McpProblems.InvalidArguments(arguments.Faults);
        }

        var common = arguments[Common] is { } shared ? Node(shared).AsObject() : [];
        var draft = await drafts.ReadManyAsync(call, tasks!.Value, common, batchId, cancellationToken);
        var (receipts, problem) = await intake.SubmitAsync(draft, call.Caller, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        Remember(call, receipts);
        return new DelegatedMany(
            batchId,
            receipts.Count,
            receipts.Count <= IdsShownMax ? [.. receipts.Select(receipt => receipt.Id)] : [],
            [.. receipts.Select(receipt => receipt.NobodyEligible).Where(why => why.Length > 0).Distinct()],
            $"Call wait with batch_id {batchId}.");
    }

    private static JsonNode Node(JsonElement element) =>
        JsonSerializer.SerializeToNode(element, SchemaJson.Default.JsonElement)!;

    private static JsonNode Described(JsonNode schema, string description)
    {
        schema["description"] = description;
        return schema;
    }
}
