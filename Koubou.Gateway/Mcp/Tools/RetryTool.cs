using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Puts finished tasks back.</summary>
internal sealed class RetryTool(
    TaskQueue.TaskQueueClient scheduler,
    CallLimits limits,
    TaskSelection selection,
    McpCaller callers,
    UnreadResults unread)
    : ChangeTool(Face, selection, callers, unread)
{
    private static readonly ToolFace Face = new()
    {
        Name = "retry",
        Title = "Retry tasks",
        Description = """
            Puts failed, cancelled or expired tasks back into the queue with fresh attempts, as they were delegated. To
            ask differently, delegate a new task instead. First mend what made them fail; get_result says what it was.
            """,
        Arguments = ToolSchemas.Arguments(
        [
            ToolSchemas.Texts(TaskSelection.Ids, "Ids of 1 to 1,000 tasks."),
            ToolSchemas.Text(TaskSelection.BatchId, "Instead of ids: all tasks of that batch that did not succeed."),
        ]),
    };

    protected override string WhyNot => "Tasks in wrong_state are succeeded, or not finished yet, and stay as they are.";

    protected override AsyncUnaryCall<ChangeReply> ChangeAsync(ChangeRequest request, CancellationToken cancellationToken) =>
        scheduler.RetryAsync(request, limits.Brief(cancellationToken));

    protected override void Note(ToolCall call, IReadOnlyList<string> changed) => Remember(
        call, [.. changed.Select(id => new TaskReceipt { Id = id, State = TaskState.Queued })]);
}
