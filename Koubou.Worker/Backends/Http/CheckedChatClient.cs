using System.ClientModel;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Koubou.Worker.Craftsmen;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends.Http;

/// <summary>A streamed chat that must come to its proper end, and may not fall silent on its way.</summary>
internal sealed class CheckedChatClient(IChatClient inner, BackendFaults faults, TimeSpan silence, TimeProvider clock)
    : DelegatingChatClient(inner)
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var quiet = new CancellationTokenSource(silence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, quiet.Token);
        var finished = false;
        await using var updates = base.GetStreamingResponseAsync(messages, options, either.Token)
            .GetAsyncEnumerator(either.Token);
        while (await NextAsync(updates, quiet.Token, cancellationToken))
        {
            quiet.CancelAfter(silence);
            finished |= updates.Current.FinishReason is not null;
            yield return updates.Current;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (!finished)
        {
            throw faults.Broke(inner: null);
        }
    }

    private async ValueTask<bool> NextAsync(
        IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken quiet, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception exception) when (Told(exception) is { } told)
        {
            // A client library may wrap what the handlers under it said.
            throw told;
        }
        catch (Exception) when (quiet.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw faults.WasSilent(silence);
        }
        catch (Exception exception) when (IsOfTheLine(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw faults.Broke(exception);
        }
    }

    private static Exception? Told(Exception? exception)
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (at is TaskFailureException or GiveBackException)
            {
                return ReferenceEquals(at, exception) ? null : at;
            }
        }

        return null;
    }

    private static bool IsOfTheLine(Exception exception) =>
        exception is IOException or HttpRequestException or SocketException or JsonException or ClientResultException
        || exception.GetType().Namespace?.StartsWith("Anthropic", StringComparison.Ordinal) == true;
}
