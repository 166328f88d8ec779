using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends.Demo;

/// <summary>Streams <see cref="DemoText"/> in small pieces, the way a model would.</summary>
internal sealed class DemoChatClient(TimeSpan pieceDelay, TimeProvider clock) : IChatClient
{
    private const int WordsPerPiece = 3;

    private static readonly ChatClientMetadata Metadata = new("koubou.demo", providerUri: null, DemoBackend.ModelName);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages.LastOrDefault(message => message.Role == ChatRole.User)?.Text ?? "";
        var words = DemoText.For(prompt).Split(' ');
        foreach (var piece in words.Chunk(WordsPerPiece).Select((chunk, index) => (chunk, index)))
        {
            if (pieceDelay > TimeSpan.Zero)
            {
                await Task.Delay(pieceDelay, clock, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            var text = (piece.index == 0 ? "" : " ") + string.Join(' ', piece.chunk);
            yield return new ChatResponseUpdate(ChatRole.Assistant, text) { ModelId = DemoBackend.ModelName };
        }

        yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop, ModelId = DemoBackend.ModelName };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? Metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
    }
}
