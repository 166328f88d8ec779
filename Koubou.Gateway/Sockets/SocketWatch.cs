using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Events;
using Koubou.Gateway.Rest;

namespace Koubou.Gateway.Sockets;

/// <summary>Sends one client the changes it wants; what it wants may change while it listens.</summary>
internal sealed class SocketWatch(SocketChannel channel, ChangeWatch changes, Snapshots snapshots, WatchEventsRequest first)
{
    private readonly Lock _lock = new();
    private Wish _wish = new(first, "connected", null, new CancellationTokenSource());

    /// <summary>Replaces what is watched. The answer comes once the new watch sees everything.</summary>
    public void Want(WatchEventsRequest wanted, JsonElement? requestId)
    {
        CancellationTokenSource before;
        lock (_lock)
        {
            before = _wish.Replaced;
            _wish = new Wish(wanted, "subscribed", requestId, new CancellationTokenSource());
        }

        before.Cancel();
    }

    /// <param name="over">Ends the watch between two messages.</param>
    /// <param name="token">Cuts off inside a message.</param>
    public async Task RunAsync(CancellationToken over, CancellationToken token)
    {
        while (true)
        {
            Wish wish;
            lock (_lock)
            {
                wish = _wish;
            }

            using var until = CancellationTokenSource.CreateLinkedTokenSource(over, wish.Replaced.Token);
            try
            {
                await foreach (var note in changes.ReadAsync(wish.Request, until.Token))
                {
                    // A batch may be long and its reader slow: what is not wanted any more is not sent any more.
                    until.Token.ThrowIfCancellationRequested();
                    await SendAsync(note, wish, until.Token, token);
                }
            }
            catch (OperationCanceledException) when (wish.Replaced.IsCancellationRequested && !over.IsCancellationRequested)
            {
                // The next turn watches what is wanted now.
            }
        }
    }

    private async Task SendAsync(WatchNote note, Wish wish, CancellationToken until, CancellationToken token)
    {
        if (note.Change is { } change)
        {
            var update = new SocketMessage<TaskUpdatePayload>("task_update", TaskUpdatePayload.Of(change))
            {
                Sequence = change.Sequence,
            };
            await channel.SendAsync(update, RestJson.Relaxed.SocketMessageTaskUpdatePayload, token);
        }
        else if (note.Missed is { } missed)
        {
            var gap = new SocketMessage<GapPayload>("gap", await snapshots.DescribeAsync(missed, wish.Request, until))
            {
                Sequence = note.Sequence,
            };
            await channel.SendAsync(gap, RestJson.Relaxed.SocketMessageGapPayload, token);
        }
        else
        {
            var hello = new SocketMessage<HelloPayload>(wish.Greeting, new HelloPayload(note.Sequence))
            {
                RequestId = wish.RequestId,
            };
            await channel.SendAsync(hello, RestJson.Relaxed.SocketMessageHelloPayload, token);
        }
    }

    private sealed record Wish(
        WatchEventsRequest Request, string Greeting, JsonElement? RequestId, CancellationTokenSource Replaced);
}
