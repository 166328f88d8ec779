using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Koubou.Gateway.Events;
using Koubou.Gateway.Intake;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Sockets;

/// <summary>Whole JSON messages over one WebSocket. One sender at a time; nothing is queued.</summary>
/// <param name="socket">The socket.</param>
/// <param name="messageBytesMax">The largest message that is taken.</param>
/// <param name="sendTimeout">How long the socket may take over one message.</param>
/// <param name="time">The clock.</param>
internal sealed class SocketChannel(WebSocket socket, long messageBytesMax, TimeSpan sendTimeout, TimeProvider time)
    : IDisposable
{
    private const int ReadBytes = 4096;

    private readonly SemaphoreSlim _sending = new(1, 1);

    public static SocketChannel Open(WebSocket socket, IServiceProvider services) => new(
        socket,
        services.GetRequiredService<IOptions<IntakeOptions>>().Value.TaskBodyBytesMax,
        services.GetRequiredService<IOptions<WatchOptions>>().Value.SocketSendTimeout,
        services.GetRequiredService<TimeProvider>());

    /// <summary>
    /// Returns once the socket has taken the message. A reader may be slow; one that reads nothing any more is broken off,
    /// or it would hold its place for ever.
    /// </summary>
    public Task SendAsync<T>(SocketMessage<T> message, JsonTypeInfo<SocketMessage<T>> type, CancellationToken token) =>
        SendAsync(JsonSerializer.SerializeToUtf8Bytes(message, type), token);

    /// <summary>The same for JSON that is written already.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        await _sending.WaitAsync(token);
        try
        {
            var sending = socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, token);
            if (!sending.IsCompletedSuccessfully)
            {
                await sending.AsTask().WaitAsync(sendTimeout, time, CancellationToken.None);
            }
        }
        catch (TimeoutException slow)
        {
            socket.Abort();
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely, slow);
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
