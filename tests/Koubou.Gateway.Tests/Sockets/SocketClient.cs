using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Koubou.Gateway.Tests.Sockets;

/// <summary>A client as a user of v2.1 would write it.</summary>
internal sealed class SocketClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    // Every message as it came, for who wants to look at them all.
    private List<string>? _heard;

    public static Task<SocketClient> ConnectAsync(Uri http, params (string Name, string Value)[] headers) =>
        ConnectAsync(http, null, headers);

    public static async Task<SocketClient> ConnectAsync(Uri http, List<string>? heard, params (string Name, string Value)[] headers)
    {
        var client = new SocketClient { _heard = heard };
        foreach (var (name, value) in headers)
        {
            client._socket.Options.SetRequestHeader(name, value);
        }

        await client._socket.ConnectAsync(new UriBuilder(http) { Scheme = "ws" }.Uri, CancellationToken.None);
        await client.NextAsync("connected");
        return client;
    }

    public Task SendAsync(string text) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>The next message of one of these types; others are passed over.</summary>
    public async Task<JsonElement> NextAsync(params string[] types)
    {
        while (true)
        {
            var message = await ReceiveAsync() ?? throw new InvalidOperationException($"Closed: {_socket.CloseStatus}");
            if (types.Contains(message.GetProperty("type").GetString()))
            {
                return message;
            }
        }
    }

    /// <summary>The payload of the next update of that task.</summary>
    public async Task<JsonElement> UpdateOfAsync(string taskId)
    {
        while (true)
        {
            var payload = (await NextAsync("task_update")).GetProperty("payload");
            if (payload.GetProperty("task_id").GetString() == taskId)
            {
                return payload;
            }
        }
    }

    public async Task<WebSocketCloseStatus?> ClosedAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }

        return _socket.CloseStatus;
    }

    /// <summary>Says goodbye and waits until the other side has said so too.</summary>
    public async Task CloseAsync()
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await ClosedAsync();
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JsonElement?> ReceiveAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                _heard?.Add(Encoding.UTF8.GetString(_buffer.AsSpan(0, length)));
                return JsonElement.Parse(_buffer.AsSpan(0, length));
            }
        }
    }
}
