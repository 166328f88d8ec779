using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Events;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Legacy;

namespace Koubou.Gateway.Sockets;

/// <summary>
/// One client of the v2.1 WebSocket: it gets one message for each task update, and may submit tasks. Sample:
/// <c>{"type":"submit_task","request_id":1,"payload":{"type":"code","prompt":"Generate unit tests"}}</c>.
/// </summary>
internal sealed class SocketSession(SocketChannel channel, EventFeed feed, TaskIntake intake, Caller caller)
{
    private static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(2);
    private static readonly string[] Commands = ["submit_task", "ping"];

    /// <summary>Runs until the client leaves or the gateway stops, and says goodbye.</summary>
    /// <param name="stopping">Ends the session between two messages: cut off inside one, no goodbye could follow.</param>
    /// <param name="aborted">The connection is gone.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken aborted)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        var updates = SendUpdatesAsync(over.Token, aborted);
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

    private async Task SendUpdatesAsync(CancellationToken over, CancellationToken token)
    {
        var greeted = false;
        await foreach (var batch in feed.ReadAsync(new WatchEventsRequest(), over))
        {
            if (!greeted)
            {
                greeted = true;
                var hello = new SocketMessage<HelloPayload>("connected", new HelloPayload(batch.LastSequence));
                await channel.SendAsync(hello, RestJson.Relaxed.SocketMessageHelloPayload, token);
            }

            if (batch.Gap)
            {
                var gap = new SocketMessage<GapPayload>(
                    "gap", new GapPayload("Updates were lost. Read the tasks anew: GET /api/v1/tasks"));
                await channel.SendAsync(gap, RestJson.Relaxed.SocketMessageGapPayload, token);
            }

            foreach (var change in batch.Events)
            {
                var update = new SocketMessage<TaskUpdatePayload>("task_update", TaskUpdatePayload.Of(change))
                {
                    Sequence = change.Sequence,
                };
                await channel.SendAsync(update, RestJson.Relaxed.SocketMessageTaskUpdatePayload, token);
            }
        }
    }

    private async Task AnswerCommandsAsync(CancellationToken token)
    {
        while (await channel.ReceiveAsync(token) is { } message)
        {
            await AnswerAsync(message, token);
        }
    }

    private async Task AnswerAsync(ReadOnlyMemory<byte> message, CancellationToken token)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(message);
            await AnswerAsync(document.RootElement, token);
        }
        catch (JsonException error)
        {
            await RefuseAsync(Problems.InvalidField("message", JsonInput.Explain(error)), null, token);
        }
        finally
        {
            document?.Dispose();
        }
    }

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
            "submit_task" => SubmitAsync(message, requestId, token),
            "ping" => PongAsync(requestId, token),
            _ => RefuseAsync(
                Problems.InvalidField("type", Nearest.Fault(Problems.Shorten(type), "a message type", Commands)),
                requestId,
                token),
        };
    }

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

    private Task PongAsync(JsonElement? requestId, CancellationToken token) => channel.SendAsync(
        new SocketMessage<PongPayload>("pong", new PongPayload()) { RequestId = requestId },
        RestJson.Relaxed.SocketMessagePongPayload,
        token);

    private Task RefuseAsync(Problem problem, JsonElement? requestId, CancellationToken token) => channel.SendAsync(
        new SocketMessage<Problem>("error", problem) { RequestId = requestId },
        RestJson.Relaxed.SocketMessageProblem,
        token);
}
