using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Unread;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Shows the workshop at a glance.</summary>
internal sealed class StatusTool(WorkshopReader reader, McpCaller callers, UnreadResults unread)
    : WorkshopTool<WorkshopReply>(Face, ReplyJson.Relaxed.WorkshopReply, callers, unread)
{
    private static readonly ToolFace Face = new()
    {
        Name = "workshop_status",
        Title = "Workshop status",
        Description = """
            Shows the workshop: worker nodes, craftsmen busy and free, models and whether they are loaded, task types to
            delegate to, length of the queue, and warnings with the command that mends each.
            """,
        Arguments = ToolSchemas.Arguments([]),
        IsReadOnly = true,
    };

    /// <inheritdoc/>
    protected override async ValueTask<ToolOutcome<WorkshopReply>> RunAsync(
        ToolCall call, CancellationToken cancellationToken) =>
        call.Arguments.Faults.Any
            ? McpProblems.InvalidArguments(call.Arguments.Faults)
            : await reader.ReadAsync(cancellationToken);
}
