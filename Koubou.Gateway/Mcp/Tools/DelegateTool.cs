using Koubou.Contracts;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Unread;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Gives out one task.</summary>
internal sealed class DelegateTool(TaskDrafts drafts, TaskIntake intake, McpCaller callers, UnreadResults unread)
    : WorkshopTool<Delegated>(Face, ReplyJson.Relaxed.Delegated, callers, unread)
{
    public const string Name = "delegate";

    public const string Next = "Go on with your own work; then call wait with the id, or get_result once it has finished.";

    private static readonly ToolFace Face = new()
    {
        Name = Name,
        Title = "Delegate a task",
        Description = """
            Gives one task to the workshop, whose craftsmen are language models on the user's own machines. Returns at
            once with an id; the task is safely on disk by then and survives restarts and this conversation.

            Good work for it: self-contained pieces that need no tools and no knowledge of this conversation, such as
            drafting a function from a precise specification, tests for code that you paste or name, summaries,
            translations, classifications, extractions. The prompt must hold everything that the craftsman needs: it
            sees nothing else. Small local models answer, so state the wanted form exactly, and check the answer.

            With output_schema the answer is JSON of that shape. With idempotency_key a repeated call gives the first
            task instead of a second one. Content never leaves the machines that the task type's data policy admits.
            Several tasks: call delegate_many once instead.
            """,
        Arguments = ToolSchemas.Arguments(TaskToolFields.Properties(), TaskFields.Prompt),
        AlwaysLoad = true,
    };

    /// <inheritdoc/>
    protected override async ValueTask<ToolOutcome<Delegated>> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var draft = await drafts.ReadOneAsync(call, cancellationToken);
        var (receipts, problem) = await intake.SubmitAsync(draft, call.Caller, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var receipt = receipts[0];
        Remember(call, receipts);
        return new Delegated(
            receipt.Id,
            receipt.State.ToWord(),
            receipt.QueuePosition == 0 ? null : receipt.QueuePosition,
            receipt.Duplicate,
            receipt.NobodyEligible.Length > 0 ? receipt.NobodyEligible : null,
            Next);
    }

    // The intake names unknown fields itself, with the rest of the faults.
    protected override void CheckNames(ToolArguments arguments, IReadOnlyList<string> names)
    {
    }
}
