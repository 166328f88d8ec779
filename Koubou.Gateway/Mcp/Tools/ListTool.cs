using Koubou.Contracts;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Rest.Views;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Lists tasks, one line each.</summary>
internal sealed class ListTool(
    TaskQueue.TaskQueueClient scheduler, CallLimits limits, McpCaller callers, UnreadResults unread)
    : WorkshopTool<Listed>(Face, ReplyJson.Relaxed.Listed, callers, unread)
{
    private const string States = "states";
    private const string Types = "types";
    private const string Text = "text";
    private const string Everyone = "everyone";
    private const string PageSize = "page_size";
    private const string PageToken = "page_token";
    private const int PageSizeMax = 50;
    private const int PageSizePreset = 20;
    private const int TotalCountedMax = 10_000;

    private static readonly ToolFace Face = new()
    {
        Name = "list_tasks",
        Title = "List tasks",
        Description = """
            Lists tasks that this client delegated, newest first, one line each: how they stand and their place in the
            queue. Finds tasks whose ids are no longer at hand, for example after a conversation was compacted.
            everyone: true lists those of all clients.
            """,
        Arguments = ToolSchemas.Arguments(
        [
            ToolSchemas.Texts(States, "Only tasks in these states. Default: all.", TaskStates.All.Select(state => state.ToWord())),
            ToolSchemas.Texts(Types, "Only these task types."),
            ToolSchemas.Text(TaskSelection.BatchId, "Only this batch."),
            ToolSchemas.Text(Text, "Only tasks with this text in the prompt, any case."),
            ToolSchemas.Flag(Everyone, "Tasks of all clients, not only this one's. Default: false."),
            ToolSchemas.WholeNumber(PageSize, "1 to 50. Default: 20.", 1, PageSizeMax),
            ToolSchemas.Text(PageToken, "next_page_token of the page before."),
        ]),
        IsReadOnly = true,
    };

    /// <inheritdoc/>
    protected override async ValueTask<ToolOutcome<Listed>> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var request = new ListRequest
        {
            BatchId = arguments.Text(TaskSelection.BatchId) ?? "",
            Text = arguments.Text(Text) ?? "",
            PageSize = arguments.WholeNumber(PageSize, PageSizePreset, 1, PageSizeMax),
            PageToken = arguments.Text(PageToken) ?? "",
            Client = arguments.Flag(Everyone) ? "" : call.Caller.Client,
            Types_ = { arguments.Texts(Types) },
        };
        foreach (var word in arguments.Texts(States))
        {
            if (TaskStates.TryParse(word, out var state))
            {
                request.States.Add(state);
            }
            else
            {
                arguments.Faults.Add(
                    States, $"\"{word}\" is not a state; states are {string.Join(", ", TaskStates.All.Select(known => known.ToWord()))}");
            }
        }

        if (arguments.Faults.Any)
        {
            return McpProblems.InvalidArguments(arguments.Faults);
        }

        var reply = await scheduler.ListAsync(request, limits.Brief(cancellationToken));
        return new Listed(
            [.. reply.Tasks.Select(record => TaskBrief.Of(record))],
            Math.Min(reply.Total, TotalCountedMax),
            reply.Total <= TotalCountedMax,
            reply.NextPageToken.OrNull());
    }
}
