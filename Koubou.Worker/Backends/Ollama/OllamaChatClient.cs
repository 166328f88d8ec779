using System.Runtime.CompilerServices;
using System.Text.Json;
using Koubou.Worker.Craftsmen;
using Microsoft.Extensions.AI;
using OllamaSharp.Models.Exceptions;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>A streamed chat whose faults in mid-stream are told apart, and which must come to its proper end.</summary>
internal sealed class OllamaChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var finished = false;
        await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(updates))
        {
            finished |= updates.Current.FinishReason is not null;
            yield return updates.Current;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (!finished)
        {
            throw BrokeOff(inner: null);
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (OllamaException exception)
        {
            // A line {"error":"…"} under HTTP 200.
            throw TaskFailureException.Transient(
                "backend_failed", OllamaSentences.Failed(exception.Message), retryAfter: null, exception);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or JsonException)
        {
            throw BrokeOff(exception);
        }
    }

    private static TaskFailureException BrokeOff(Exception? inner) => TaskFailureException.Transient(
        "backend_broke_off", "Ollama broke off in the middle of its answer. Is it still running? (ollama ps)",
        retryAfter: null, inner);
}
