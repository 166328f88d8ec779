using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Mcp;

/// <summary>
/// Carries JSON-RPC messages between standard input and output, one a line, and the gateway's <c>/mcp</c>. It understands
/// only what the transport needs, so whatever the server offers passes through unchanged.
/// </summary>
internal sealed class StdioBridge(HttpClient http, Stream output, TextWriter log) : IAsyncDisposable
{
    private const int InternalError = -32603;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly GatewaySession _session = new(http);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _calls = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>Runs until the client closes its end.</summary>
    public async Task RunAsync(Stream input, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var lines = new StreamReader(input, Encoding.UTF8);
        try
        {
            while (await lines.ReadLineAsync(over.Token) is { } line)
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    await TakeAsync(line, over.Token);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl+C: the same as a client that leaves.
        }

        await over.CancelAsync();
        await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await LeaveAsync();
    }

    public ValueTask DisposeAsync()
    {
        _session.Dispose();
        _writing.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task TakeAsync(string line, CancellationToken cancellationToken)
    {
        BridgedMessage message;
        try
        {
            message = BridgedMessage.Parse(line);
        }
        catch (JsonException error)
        {
            await WriteAsync(ErrorOf(null, -32700, $"The line is not JSON: {error.Message}"), cancellationToken);
            return;
        }

        // From 2026-07-28 on, closing the answer is how HTTP cancels a request; in a session the word is passed on.
        if (message.CancelledId is { } cancelled
            && _session.Id is null
            && _calls.TryGetValue(cancelled.ToJsonString(), out var call))
        {
            await call.CancelAsync();
            return;
        }

        var carrying = CarryAsync(message, cancellationToken);
        if (message.IsRequest && message.Method != "initialize")
        {
            _running[carrying] = true;
            _ = carrying.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
        }
        else
        {
            // The greeting comes before all else, and notifications keep their place between requests.
            await carrying;
            if (message.Method == "initialize" && _session.Id is not null)
            {
                _running[ListenAsync(cancellationToken)] = true;
            }
        }
    }

    private async Task CarryAsync(BridgedMessage message, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var key = message.Id?.ToJsonString() ?? "";
        if (message.IsRequest)
        {
            _calls[key] = over;
        }

        try
        {
            await ExchangeAsync(message, over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Nobody waits for this answer any more.
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            await FailAsync(message, Away(error), cancellationToken);
        }
        finally
        {
            _calls.TryRemove(key, out _);
        }
    }

    private async Task ExchangeAsync(BridgedMessage message, CancellationToken cancellationToken)
    {
        using var response = await _session.PostAsync(message, cancellationToken);
        var answered = !message.IsRequest;
        await foreach (var text in EventReader.ReadAsync(response, cancellationToken))
        {
            // A refusal that came before the message was read names no id; the client waits for one.
            if (!response.IsSuccessStatusCode && SentenceOf(text) is { } sentence)
            {
                answered = true;
                await FailAsync(
                    message,
                    response.StatusCode == HttpStatusCode.Unauthorized ? Refused(response.StatusCode) : sentence,
                    cancellationToken);
                continue;
            }

            if (!IsMessage(text))
            {
                continue;
            }

            if (message.Method == "initialize")
            {
                _session.Open(message, response, text);
            }

            answered = true;
            await WriteAsync(text, cancellationToken);
        }

        if (!answered || (!response.IsSuccessStatusCode && !message.IsRequest))
        {
            await FailAsync(message, Refused(response.StatusCode), cancellationToken);
        }
    }

    // The server's own words to the client, for as long as both live; after a restart the stream is opened anew.
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var response = await _session.ListenAsync(cancellationToken);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    await foreach (var text in EventReader.ReadAsync(response, cancellationToken))
                    {
                        await WriteAsync(text, cancellationToken);
                    }
                }
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                await log.WriteLineAsync(Away(error));
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private async Task LeaveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _session.CloseAsync(patience.Token);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            // The gateway is gone, and its sessions with it.
        }
    }

    private async Task FailAsync(BridgedMessage message, string sentence, CancellationToken cancellationToken)
    {
        await log.WriteLineAsync(sentence);
        if (message.IsRequest)
        {
            await WriteAsync(ErrorOf(message.Id, InternalError, sentence), cancellationToken);
        }
    }

    private async Task WriteAsync(string message, CancellationToken cancellationToken)
    {
        // A message is one line. In JSON these two stand only between the parts, never in a text.
        var line = Encoding.UTF8.GetBytes(message.Replace('\n', ' ').Replace('\r', ' ') + "\n");
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await output.WriteAsync(line, cancellationToken);
            await output.FlushAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    // What the gateway's own guards refuse is no JSON-RPC message, but a problem in words.
    private static bool IsMessage(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject fields && fields.ContainsKey("jsonrpc");
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? SentenceOf(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject fields && fields["id"] is null
                ? fields["error"]?["message"]?.GetValue<string>()
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private string Away(Exception error) =>
        $"The Koubou workshop does not answer at {http.BaseAddress} ({error.Message}). "
        + "Start it with: dotnet run --project Koubou.AppHost, or name its address with --url.";

    private string Refused(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            $"The Koubou workshop at {http.BaseAddress} asks for an API key. Set it in {GatewayAddress.KeyVariable}.",
        _ => $"What answers at {http.BaseAddress} is no Koubou workshop, or one in trouble: HTTP status {(int)status}. "
            + "Look at its log, .koubou/logs/gateway.log, or name another address with --url.",
    };

    private static string ErrorOf(JsonNode? id, int code, string message) => new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["id"] = id?.DeepClone(),
        ["error"] = new JsonObject { ["code"] = code, ["message"] = message },
    }.ToJsonString();
}
