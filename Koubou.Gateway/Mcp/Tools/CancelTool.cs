using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Ends tasks.</summary>
internal sealed class CancelTool(
    TaskQueue.TaskQueueClient scheduler,
    CallLimits limits,
    TaskSelection selection,
    McpCaller callers,
    UnreadResults unread)
    : ChangeTool(Face, selection, callers, unread)
{
    private static readonly ToolFace Face = new()
    {
        Name = "cancel",
        Title = "Cancel tasks",
        Description = """
            Cancels tasks, waiting or running; running work is ended on its worker node at once. Finished tasks stay as
            they are.
            """,
        Arguments = ToolSchemas.Arguments(
        [
            ToolSchemas.Texts(TaskSelection.Ids, "Ids of 1 to 1,000 tasks."),
            ToolSchemas.Text(TaskSelection.BatchId, "Instead of ids: all tasks of that batch."),
        ]),
        IsDestructive = true,
        IsIdempotent = true,
    };

    protected override string WhyNot => "Tasks in wrong_state had finished already: read them with get_result.";

    protected override AsyncUnaryCall<ChangeReply> ChangeAsync(ChangeRequest request, CancellationToken cancellationToken) =>
        scheduler.CancelAsync(request, limits.Brief(cancellationToken));

    protected override void Note(ToolCall call, IReadOnlyList<string> changed) => Forget(call, changed);
}
