using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Koubou.Gateway.Sockets;

/// <summary>Whole JSON messages over one WebSocket. One sender at a time; nothing is queued.</summary>
internal sealed class SocketChannel(WebSocket socket, long messageBytesMax) : IDisposable
{
    private const int ReadBytes = 4096;

    private readonly SemaphoreSlim _sending = new(1, 1);

    /// <summary>Returns once the socket has taken the message, however slowly its reader reads.</summary>
    public Task SendAsync<T>(SocketMessage<T> message, JsonTypeInfo<SocketMessage<T>> type, CancellationToken token) =>
        SendAsync(JsonSerializer.SerializeToUtf8Bytes(message, type), token);

    /// <summary>The same for JSON that is written already.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        await _sending.WaitAsync(token);
        try
        {
            await socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, token);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next message; null when the client closed, or sent more than is allowed and is told so.</summary>
    public async Task<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken token)
    {
        var buffer = new ArrayBufferWriter<byte>(ReadBytes);
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.GetMemory(ReadBytes), token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            buffer.Advance(part.Count);
            if (buffer.WrittenCount > messageBytesMax)
            {
                await CloseAsync(
                    WebSocketCloseStatus.MessageTooBig, $"At most {messageBytesMax} bytes in one message.", token);
                return null;
            }

            if (part.EndOfMessage)
            {
                return buffer.WrittenMemory;
            }
        }
    }

    public async Task CloseAsync(WebSocketCloseStatus status, string reason, CancellationToken token)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(status, reason, token);
        }
    }

    public void Dispose() => _sending.Dispose();
}
