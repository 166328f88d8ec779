using System.Runtime.CompilerServices;
using System.Text.Json;
using Koubou.Worker.Craftsmen;
using Microsoft.Extensions.AI;

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
        while (await NextAsync(updates, cancellationToken))
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

    private static async ValueTask<bool> NextAsync(
        IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        OllamaStream.Caller.Value = cancellationToken;
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (OllamaErrorLineException exception)
        {
            throw TaskFailureException.Transient(
                "backend_failed", OllamaSentences.Failed(exception.Message), retryAfter: null, exception);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or JsonException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw BrokeOff(exception);
        }
    }

    private static TaskFailureException BrokeOff(Exception? inner) => TaskFailureException.Transient(
        "backend_broke_off", "Ollama broke off in the middle of its answer. Is it still running? (ollama ps)",
        retryAfter: null, inner);
}
