// MCPEXP002: the SDK's hooks for extensions are public and marked as experimental; this page is all that uses them.
#pragma warning disable MCPEXP002
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Koubou.Contracts;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Tools;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Scheduling;
using Koubou.ServiceDefaults.Keys;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Deferred;

/// <summary>
/// For clients that declare the tasks extension, a call of <c>delegate</c> is answered with the task itself, and the
/// result of the call is the task's. Nothing is kept here: the task's id is the call's, so it outlives restarts.
/// </summary>
internal sealed class DeferredCalls(
    TaskLookup lookup, TaskQueue.TaskQueueClient scheduler, CallLimits limits, McpCaller callers, UnreadResults unread)
    : IConfigureOptions<McpServerOptions>
{
    private static readonly JsonTypeInfo<CallToolResult> ResultType =
        (JsonTypeInfo<CallToolResult>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(CallToolResult));

    public void Configure(McpServerOptions options)
    {
        options.Capabilities ??= new ServerCapabilities();
        options.Capabilities.Extensions ??= new Dictionary<string, object>();
        options.Capabilities.Extensions[TasksExtension.Id] = new JsonObject();
        options.RequestHandlers ??= [];
        options.RequestHandlers.Add(Handler(TasksExtension.Get, GetAsync));
        options.RequestHandlers.Add(Handler(TasksExtension.Update, UpdateAsync));
        options.RequestHandlers.Add(Handler(TasksExtension.Cancel, CancelAsync));
        options.Filters.Request.CallToolWithAlternateFilters.Add(DeferAsync);
    }

    private static McpServerRequestHandler Handler(
        string method, Func<JsonRpcRequest, CancellationToken, ValueTask<JsonNode?>> handle) => new()
    {
        Method = method,
        RoutingNameParameter = TasksExtension.TaskId,
        Handler = (request, cancellationToken) =>
        {
            TasksExtension.Demand(request);
            return handle(request, cancellationToken);
        },
    };

    private async ValueTask<ResultOrAlternate<CallToolResult>> DeferAsync(
        RequestContext<CallToolRequestParams> request,
        McpRequestHandler<CallToolRequestParams, ResultOrAlternate<CallToolResult>> next,
        CancellationToken cancellationToken)
    {
        var answer = await next(request, cancellationToken);
        if (request.Params.Name != DelegateTool.Name
            || !TasksExtension.IsDeclared(request.JsonRpcRequest)
            || answer.Result is not { IsError: not true, StructuredContent: { } content }
            || content.Deserialize(ReplyJson.Relaxed.Delegated) is not { } delegated
            || await lookup.GetAsync(delegated.Id, includeOutput: false, cancellationToken) is not { } record)
        {
            return answer;
        }

        return ResultOrAlternate<CallToolResult>.FromAlternate(
            DeferredCall.Of(record, resultType: "task"), DeferredJson.Default.DeferredCall);
    }

    private async ValueTask<JsonNode?> GetAsync(JsonRpcRequest request, CancellationToken cancellationToken)
    {
        callers.Demand(request.Context?.ClientInfo, KeyScopes.Read);
        var record = await FindAsync(request, cancellationToken);
        var answer = DeferredCall.Of(record, resultType: "complete").ToJson();
        if (record.State is TaskState.Succeeded or TaskState.Failed or TaskState.Expired)
        {
            unread.Read(callers.Of(request.Context?.ClientInfo).Client, [record.Id]);
            answer["result"] = JsonSerializer.SerializeToNode(ResultOf(record), ResultType);
        }

        return answer;
    }

    // No task of this server ever asks its client for input, so there is nothing that an update could bring.
    private async ValueTask<JsonNode?> UpdateAsync(JsonRpcRequest request, CancellationToken cancellationToken)
    {
        await FindAsync(request, cancellationToken);
        return Acknowledged();
    }

    private async ValueTask<JsonNode?> CancelAsync(JsonRpcRequest request, CancellationToken cancellationToken)
    {
        var caller = callers.Demand(request.Context?.ClientInfo, KeyScopes.Submit);
        var record = await FindAsync(request, cancellationToken);
        await scheduler.CancelAsync(caller.Change(record.Id), limits.Brief(cancellationToken));
        unread.Read(caller.Client, [record.Id]);
        return Acknowledged();
    }

    private static JsonObject Acknowledged() => new() { ["resultType"] = "complete" };

    // The result of the call that delegated, so it has that tool's shape.
    private static CallToolResult ResultOf(TaskRecord record)
    {
        var view = ResultView.Digest(record, TextWeight.ReplyMax);
        var reply = new Delegated(
            record.Id, record.State.ToWord(), null, false, null, ResultNext.Of(view) ?? "Nothing: this is all.")
        {
            Result = view,
        };
        var content = JsonSerializer.SerializeToElement(reply, ReplyJson.Relaxed.Delegated);
        return new CallToolResult
        {
            IsError = record.State != TaskState.Succeeded,
            Content = [new TextContentBlock { Text = ReplyText.Of(content) }],
            StructuredContent = content,
        };
    }

    private async Task<TaskRecord> FindAsync(JsonRpcRequest request, CancellationToken cancellationToken)
    {
        var id = request.Params is JsonObject fields
            && fields[TasksExtension.TaskId] is JsonValue value
            && value.TryGetValue<string>(out var text)
                ? text
                : throw new McpProtocolException($"'{request.Method}' needs a taskId.", McpErrorCode.InvalidParams);
        return await lookup.GetAsync(id, includeOutput: true, cancellationToken)
            ?? throw new McpProtocolException(McpProblems.UnknownTask(id).Detail, McpErrorCode.InvalidParams);
    }
}
