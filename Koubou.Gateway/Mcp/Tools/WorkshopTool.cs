using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Unread;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>
/// One tool of the workshop. A reply goes out twice, as structured content and as equal text, because some clients give
/// their model only the text and others only the content; a problem goes out as text that says what to do next.
/// </summary>
internal abstract class WorkshopTool<TReply> : McpServerTool
    where TReply : Reply
{
    private readonly ToolFace _face;
    private readonly JsonTypeInfo<TReply> _type;
    private readonly McpCaller _callers;
    private readonly UnreadResults _unread;
    private readonly string[] _names;

    protected WorkshopTool(ToolFace face, JsonTypeInfo<TReply> type, McpCaller callers, UnreadResults unread)
    {
        _face = face;
        _type = type;
        _callers = callers;
        _unread = unread;
        _names = [.. face.Arguments.GetProperty("properties").EnumerateObject().Select(property => property.Name)];
        ProtocolTool = face.ToTool(ToolSchemas.Of(type));
    }

    public sealed override Tool ProtocolTool { get; }

    public sealed override IReadOnlyList<object> Metadata { get; } = [];

    public sealed override async ValueTask<CallToolResult> InvokeAsync(
        RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        var call = new ToolCall(request, _callers.Of(request.Server));
        if (call.Caller.Lacks(_face.Scope) is { } lacking)
        {
            return ToolRefusal.Of(lacking);
        }

        try
        {
            CheckNames(call.Arguments, _names);
            var outcome = await RunAsync(call, cancellationToken);
            return outcome.Problem is { } problem
                ? ToolRefusal.Of(problem)
                : await AnswerAsync(call, outcome, cancellationToken);
        }
        catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
        {
            return ToolRefusal.Of(SchedulerErrors.ToProblem(error));
        }
        catch (RpcException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Does what the tool is for. Faults of the arguments are returned, all at once.</summary>
    protected abstract ValueTask<ToolOutcome<TReply>> RunAsync(ToolCall call, CancellationToken cancellationToken);

    /// <summary>Notes the arguments that the tool does not have.</summary>
    protected virtual void CheckNames(ToolArguments arguments, IReadOnlyList<string> names) => arguments.CheckNames(names);

    /// <summary>The client owns these results from now on: they are listed until it has read them.</summary>
    protected void Remember(ToolCall call, IReadOnlyList<TaskReceipt> receipts) =>
        _unread.Delegated(call.Caller.Client, receipts);

    /// <summary>
    /// The reply shows these results whole. They count as read unless the caller has already given up on the reply.
    /// </summary>
    protected void MarkRead(ToolCall call, IEnumerable<ResultView> results, CancellationToken cancellationToken)
    {
        if (!cancellationToken.IsCancellationRequested)
        {
            _unread.Read(call.Caller.Client, results.Where(result => result.IsWhole).Select(result => result.Id));
        }
    }

    /// <summary>The client wants no results of these tasks any more.</summary>
    protected void Forget(ToolCall call, IEnumerable<string> ids) => _unread.Read(call.Caller.Client, ids);

    private async ValueTask<CallToolResult> AnswerAsync(
        ToolCall call, ToolOutcome<TReply> outcome, CancellationToken cancellationToken)
    {
        var reply = outcome.Reply! with { Unread = await _unread.ViewAsync(call.Caller.Client, call.Shown, cancellationToken) };
        var content = JsonSerializer.SerializeToElement(reply, _type);
        List<ContentBlock> blocks = [new TextContentBlock { Text = ReplyText.Of(content) }];
        if (outcome.Link is { } link)
        {
            blocks.Add(link);
        }

        return new CallToolResult { Content = blocks, StructuredContent = content };
    }
}
