using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using GraphQL;
using GraphQL.Transport;
using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Sockets;

namespace Koubou.Gateway.GraphQL.Transport;

/// <summary>
/// One client of the protocol graphql-transport-ws. Sample:
/// <c>{"type":"connection_init"}</c>, <c>{"id":"1","type":"subscribe","payload":{"query":"subscription { … }"}}</c>.
/// </summary>
internal sealed class TransportSession(
    SocketChannel channel,
    GraphQlExecutor executor,
    IGraphQLTextSerializer serializer,
    SocketPass pass,
    GraphQlOptions options,
    TimeProvider time)
{
    private const int ReasonBytesMax = 120;

    private static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, CancellationTokenSource> _operations = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly TaskCompletionSource _acknowledged = new();

    /// <summary>Runs until either side closes, and says goodbye.</summary>
    /// <param name="spoken">Whether the client offered this protocol.</param>
    /// <param name="stopping">The gateway stops.</param>
    /// <param name="aborted">The connection is gone.</param>
    public async Task RunAsync(bool spoken, CancellationToken stopping, CancellationToken aborted)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        var reason = spoken
            ? await ServeAsync(over.Token, aborted)
            : (CloseCodes.WrongProtocol, "Subprotocol not acceptable");
        await over.CancelAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(GoodbyeMax);
        await Task.WhenAll(_running.Keys).WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var (status, words) = stopping.IsCancellationRequested
            ? (WebSocketCloseStatus.EndpointUnavailable, "The gateway stops.")
            : reason ?? (WebSocketCloseStatus.NormalClosure, "Goodbye.");
        await channel.CloseAsync(status, words, patience.Token);
        if (reason is not null || stopping.IsCancellationRequested)
        {
            await DrainAsync(patience.Token);
        }
    }

    // Null: the client closed.
    private async Task<(WebSocketCloseStatus, string)?> ServeAsync(CancellationToken over, CancellationToken aborted)
    {
        using var served = CancellationTokenSource.CreateLinkedTokenSource(over);
        var late = Task.Delay(options.InitTimeout, time, served.Token);
        var messages = AnswerAllAsync(over, aborted);
        var stopped = Task.Delay(Timeout.Infinite, served.Token);
        var first = await Task.WhenAny(messages, late, _acknowledged.Task, stopped);
        if (first == late && !over.IsCancellationRequested)
        {
            return (CloseCodes.InitTimeout, "Connection initialisation timeout");
        }

        await Task.WhenAny(messages, stopped);
        await served.CancelAsync();
        return messages.IsCompleted ? await messages : null;
    }

    private async Task<(WebSocketCloseStatus, string)?> AnswerAllAsync(CancellationToken over, CancellationToken aborted)
    {
        while (await channel.ReceiveAsync(aborted) is { } bytes)
        {
            if (JsonInput.Parse(bytes.Span, out var fault) is not { } message)
            {
                return Invalid($"the message {fault}");
            }

            if (await AnswerAsync(message, over, aborted) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private async Task<(WebSocketCloseStatus, string)?> AnswerAsync(
        JsonElement message, CancellationToken over, CancellationToken aborted)
    {
        switch (Word(message, "type"))
        {
            case "connection_init" when _acknowledged.Task.IsCompleted:
                return (CloseCodes.TooManyInits, "Too many initialisation requests");
            case "connection_init" when !pass.Admits(message):
                return (CloseCodes.Forbidden, "Forbidden");
            case "connection_init":
                _acknowledged.SetResult();
                await SendAsync("connection_ack", null, null, aborted);
                return null;
            case "ping":
                await SendAsync("pong", null, null, aborted);
                return null;
            case "pong":
                return null;
            case "complete" when Word(message, "id") is { Length: > 0 } id:
                if (_operations.TryRemove(id, out var operation))
                {
                    await operation.CancelAsync();
                    operation.Dispose();
                }

                return null;
            case "subscribe":
                return await SubscribeAsync(message, over, aborted);
            default:
                return Invalid("type must be connection_init, subscribe, complete, ping or pong, and complete needs an id");
        }
    }

    private async Task<(WebSocketCloseStatus, string)?> SubscribeAsync(
        JsonElement message, CancellationToken over, CancellationToken aborted)
    {
        if (!_acknowledged.Task.IsCompleted)
        {
            return (CloseCodes.Unauthorized, "Unauthorized");
        }

        if (Word(message, "id") is not { Length: > 0 } id || !message.TryGetProperty("payload", out var payload))
        {
            return Invalid("subscribe needs an id and a payload");
        }

        var (request, problem) = RequestReader.Read(payload, serializer);
        if (request is null)
        {
            return Invalid(problem!.Errors!.Select(fault => $"payload.{fault.Key} {fault.Value[0]}").First());
        }

        if (_operations.Count >= options.OperationsMax)
        {
            var full = Problems.Busy($"This socket runs {options.OperationsMax} operations already.", TimeSpan.FromSeconds(1));
            await SendErrorsAsync(id, new ExecutionResult(new ProblemError(full)), aborted);
            return null;
        }

        var until = CancellationTokenSource.CreateLinkedTokenSource(over);
        if (!_operations.TryAdd(id, until))
        {
            until.Dispose();
            return (CloseCodes.SubscriberExists, Shorten($"Subscriber for {id} already exists"));
        }

        var running = RunAsync(id, request, until, aborted);
        _running.TryAdd(running, true);
        _ = running.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
        return null;
    }

    private async Task RunAsync(string id, GraphQLRequest request, CancellationTokenSource until, CancellationToken aborted)
    {
        try
        {
            var (document, error) = executor.Read(request.Query!);
            if (document is not null && pass.Caller.Refuses(GraphQlExecutor.ScopeOf(document, request.OperationName)) is { } refusal)
            {
                (document, error) = (null, new ProblemError(refusal));
            }

            var operation = new Operation(executor, request, pass.Caller);
            var ran = await operation.RunAsync(
                document,
                error,
                result => result.Executed ? SendAsync("next", id, serializer.Serialize(result), aborted) : SendErrorsAsync(id, result, aborted),
                until.Token);

            // Free before the client hears of the end, because it may use the id again at once.
            if (Release(id, until) && ran)
            {
                await SendAsync("complete", id, null, aborted);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException)
        {
            // The client completed it, or the session is over.
        }
        finally
        {
            Release(id, until);
        }
    }

    // Whoever takes the operation out disposes it; the other side finds nothing any more.
    private bool Release(string id, CancellationTokenSource until)
    {
        var ours = _operations.TryRemove(KeyValuePair.Create(id, until));
        if (ours)
        {
            until.Dispose();
        }

        return ours;
    }

    private Task SendErrorsAsync(string id, ExecutionResult result, CancellationToken token)
    {
        var errors = JsonElement.Parse(serializer.Serialize(result)).GetProperty("errors").GetRawText();
        return SendAsync("error", id, errors, token);
    }

    private Task SendAsync(string type, string? id, string? payload, CancellationToken token)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            if (id is not null)
            {
                writer.WriteString("id", id);
            }

            writer.WriteString("type", type);
            if (payload is not null)
            {
                writer.WritePropertyName("payload");
                writer.WriteRawValue(payload, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return channel.SendAsync(bytes.WrittenMemory, token);
    }

    // The close is complete once the client has answered it.
    private async Task DrainAsync(CancellationToken token)
    {
        while (await channel.ReceiveAsync(token) is not null)
        {
        }
    }

    private static string? Word(JsonElement message, string name) =>
        message.ValueKind == JsonValueKind.Object
        && message.TryGetProperty(name, out var word)
        && word.ValueKind == JsonValueKind.String
            ? JsonInput.Text(word)
            : null;

    private static (WebSocketCloseStatus, string) Invalid(string why) =>
        (CloseCodes.BadRequest, Shorten($"Invalid message: {why}"));

    // A close frame carries at most 123 bytes of reason.
    private static string Shorten(string reason)
    {
        while (System.Text.Encoding.UTF8.GetByteCount(reason) > ReasonBytesMax)
        {
            reason = reason[..^1];
        }

        return reason;
    }
}
