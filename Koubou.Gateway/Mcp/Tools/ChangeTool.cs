using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>A tool that changes some tasks and tells what became of each.</summary>
internal abstract class ChangeTool(ToolFace face, TaskSelection selection, McpCaller callers, UnreadResults unread)
    : WorkshopTool<Changed>(face, ReplyJson.Relaxed.Changed, callers, unread)
{
    private const int ChangedShownMax = 100;

    /// <inheritdoc/>
    protected override async ValueTask<ToolOutcome<Changed>> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var (ids, problem) = await selection.ReadAsync(call.Arguments, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var reply = await ChangeAsync(call.Caller.Change(ids), cancellationToken);
        var unknown = reply.Results.Where(result => result.Outcome == ChangeOutcome.UnknownId).Select(result => result.Id);
        if (unknown.ToList() is var missing && missing.Count == reply.Results.Count)
        {
            return McpProblems.UnknownTasks(missing);
        }

        var changed = reply.Results.Where(result => result.Outcome == ChangeOutcome.Changed).ToList();
        var others = reply.Results.Except(changed).ToList();
        Note(call, [.. changed.Select(result => result.Id)]);
        return new Changed(
            changed.Count,
            [.. others.Concat(changed).Take(ChangedShownMax).Select(result => new ChangedTask(
                result.Id,
                result.Outcome.ToWord(),
                result.State == TaskState.Unspecified ? null : result.State.ToWord()))],
            others.Count > 0 ? WhyNot : null);
    }

    /// <summary>What to do about tasks that could not be changed.</summary>
    protected abstract string WhyNot { get; }

    /// <summary>Asks the scheduler for the change.</summary>
    protected abstract AsyncUnaryCall<ChangeReply> ChangeAsync(ChangeRequest request, CancellationToken cancellationToken);

    /// <summary>What the change means for the list of unread results.</summary>
    protected abstract void Note(ToolCall call, IReadOnlyList<string> changed);
}
