using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace CSharpClient;

/// <summary>
/// Changes of tasks as they happen. Sample: <c>{"type":"task_update","payload":{"task_id":"…","state":"running"}}</c>.
/// </summary>
internal sealed class ChangeSocket(ClientWebSocket socket) : IAsyncDisposable
{
    private static readonly string[] Final = ["succeeded", "failed", "cancelled", "expired"];

    /// <summary>Every change of these tasks, until all of them have finished.</summary>
    public async IAsyncEnumerable<(string Id, string State)> UntilFinishedAsync(IEnumerable<string> ids)
    {
        var open = ids.ToHashSet();
        while (open.Count > 0 && await ReadAsync() is { } message)
        {
            if ((string?)message["type"] != "task_update")
            {
                continue;
            }

            var id = (string)message["payload"]!["task_id"]!;
            var state = (string)message["payload"]!["state"]!;
            if (open.Contains(id))
            {
                yield return (id, state);
                if (Final.Contains(state))
                {
                    open.Remove(id);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (socket.State == WebSocketState.Open)
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        socket.Dispose();
    }

    // Null once the workshop has closed its end.
    private async Task<JsonNode?> ReadAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[4096];
        ValueWebSocketReceiveResult piece;
        do
        {
            piece = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            message.Write(buffer, 0, piece.Count);
        }
        while (!piece.EndOfMessage);

        return piece.MessageType == WebSocketMessageType.Close ? null : JsonNode.Parse(message.ToArray());
    }
}
