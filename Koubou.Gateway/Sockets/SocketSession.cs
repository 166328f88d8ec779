using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Events;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Legacy;
using Koubou.Gateway.Scheduling;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Sockets;

/// <summary>
/// One client of the WebSocket: it gets one message for each task update, of all tasks or of those it asks for, and may
/// submit and cancel tasks. Sample:
/// <c>{"type":"submit_task","request_id":1,"payload":{"type":"code","prompt":"Generate unit tests"}}</c>.
/// </summary>
internal sealed class SocketSession(
    SocketChannel channel,
    SocketWatch watch,
    TaskIntake intake,
    TaskQueue.TaskQueueClient scheduler,
    CallLimits limits,
    Caller caller)
{
    private static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(2);
    private static readonly string[] Commands = ["submit_task", "subscribe", "cancel_task", "ping"];

    /// <summary>Runs until the client leaves or the gateway stops, and says goodbye.</summary>
    /// <param name="stopping">Ends the session between two messages: cut off inside one, no goodbye could follow.</param>
    /// <param name="aborted">The connection is gone.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken aborted)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        var updates = watch.RunAsync(over.Token, aborted);
        var commands = AnswerCommandsAsync(aborted);
        await Task.WhenAny(updates, commands, Task.Delay(Timeout.Infinite, over.Token));

        await over.CancelAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(GoodbyeMax);
        await (stopping.IsCancellationRequested
            ? channel.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The gateway stops.", patience.Token)
            : channel.CloseAsync(WebSocketCloseStatus.NormalClosure, "Goodbye.", patience.Token));
        await Task.WhenAll(updates, commands).WaitAsync(patience.Token);
    }

    private async Task AnswerCommandsAsync(CancellationToken token)
    {
        while (await channel.ReceiveAsync(token) is { } message)
        {
            await AnswerAsync(message, token);
        }
    }

    private Task AnswerAsync(ReadOnlyMemory<byte> message, CancellationToken token) =>
        JsonInput.Parse(message.Span, out var fault) is { } element
            ? AnswerAsync(element, token)
            : RefuseAsync(Problems.InvalidField("message", fault), null, token);

    private Task AnswerAsync(JsonElement message, CancellationToken token)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            return RefuseAsync(Problems.InvalidField("message", "must be an object with type and payload"), null, token);
        }

        var requestId = message.TryGetProperty("request_id", out var id) ? id : (JsonElement?)null;
        var type = message.TryGetProperty("type", out var word) && word.ValueKind == JsonValueKind.String
            ? word.ToString()
            : "";
        return type switch
        {
            "submit_task" => WithAsync(KeyScopes.Submit, requestId, () => SubmitAsync(message, requestId, token), token),
            "subscribe" => WithAsync(KeyScopes.Read, requestId, () => SubscribeAsync(message, requestId, token), token),
            "cancel_task" => WithAsync(KeyScopes.Submit, requestId, () => CancelAsync(message, requestId, token), token),
            "ping" => WithAsync(KeyScopes.None, requestId, () => PongAsync(requestId, token), token),
            _ => RefuseAsync(
                Problems.InvalidField("type", Nearest.Fault(Problems.Shorten(type), "a message type", Commands)),
                requestId,
                token),
        };
    }

    // Each message counts as a request of its own, or a socket would be a way round the limits.
    private Task WithAsync(KeyScopes scope, JsonElement? requestId, Func<Task> answer, CancellationToken token) =>
        caller.Refuses(scope) is { } problem ? RefuseAsync(problem, requestId, token) : answer();

    private async Task SubmitAsync(JsonElement message, JsonElement? requestId, CancellationToken token)
    {
        if (!message.TryGetProperty("payload", out var payload))
        {
            var missing = Problems.InvalidField("payload", "is missing; it must be a task, such as {\"prompt\": \"…\"}");
            await RefuseAsync(missing, requestId, token);
            return;
        }

        var draft = new Draft(isBatch: false);
        var bytes = new ReadOnlySequence<byte>(JsonMarshal.GetRawUtf8Value(payload).ToArray());
        var unreadable = JsonBody.Parse(bytes, (ref Utf8JsonReader reader) => TaskReader.ReadOne(ref reader, draft));
        var (receipts, problem) = unreadable is null
            ? await intake.SubmitAsync(draft, caller, token)
            : new IntakeResult([], unreadable);
        if (problem is not null)
        {
            await RefuseAsync(problem, requestId, token);
            return;
        }

        var answer = new SocketMessage<DelegateReply>("task_submitted", DelegateReply.Of(receipts[0]))
        {
            RequestId = requestId,
        };
        await channel.SendAsync(answer, RestJson.Relaxed.SocketMessageDelegateReply, token);
    }

    private Task SubscribeAsync(JsonElement message, JsonElement? requestId, CancellationToken token)
    {
        var faults = new FaultList();
        var wanted = WatchWish.Read(message.TryGetProperty("payload", out var payload) ? payload : default, faults);
        if (faults.Any)
        {
            return RefuseAsync(Problems.InvalidRequest(faults), requestId, token);
        }

        watch.Want(wanted, requestId?.Clone());
        return Task.CompletedTask;
    }

    private async Task CancelAsync(JsonElement message, JsonElement? requestId, CancellationToken token)
    {
        if (!message.TryGetProperty("payload", out var payload)
            || payload.ValueKind != JsonValueKind.Object
            || !payload.TryGetProperty("task_id", out var id)
            || id.ValueKind != JsonValueKind.String
            || JsonInput.Text(id) is not { } taskId)
        {
            await RefuseAsync(Problems.InvalidField("task_id", "is missing in the payload; it must be a text"), requestId, token);
            return;
        }

        Problem? problem;
        try
        {
            var reply = await scheduler.CancelAsync(caller.Change(taskId), limits.Brief(token));
            problem = ChangeRefusal.Of(reply.Results[0], ChangeRefusal.Cancel);
        }
        catch (RpcException error) when (!token.IsCancellationRequested)
        {
            problem = SchedulerErrors.ToProblem(error);
        }

        await (problem is null
            ? channel.SendAsync(
                new SocketMessage<CancelledPayload>("task_cancelled", new CancelledPayload(taskId)) { RequestId = requestId },
                RestJson.Relaxed.SocketMessageCancelledPayload,
                token)
            : RefuseAsync(problem, requestId, token));
    }

    private Task PongAsync(JsonElement? requestId, CancellationToken token) => channel.SendAsync(
        new SocketMessage<PongPayload>("pong", new PongPayload()) { RequestId = requestId },
        RestJson.Relaxed.SocketMessagePongPayload,
        token);

    private Task RefuseAsync(Problem problem, JsonElement? requestId, CancellationToken token) => channel.SendAsync(
        new SocketMessage<Problem>("error", problem) { RequestId = requestId },
        RestJson.Relaxed.SocketMessageProblem,
        token);
}
