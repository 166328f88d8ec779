using System.Net.WebSockets;
using System.Text.Json;

namespace Koubou.AppHost.Tests.EndToEnd;

/// <summary>A client of the WebSocket door.</summary>
internal sealed class UpdateSocket : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    public static async Task<UpdateSocket> ConnectAsync(Uri gateway)
    {
        var client = new UpdateSocket();
        await client._socket.ConnectAsync(new Uri($"ws://{gateway.Authority}/ws"), CancellationToken.None);
        await client.ReceiveAsync(CancellationToken.None);
        return client;
    }

    /// <summary>Reads until the task is in this state.</summary>
    public async Task WaitForAsync(string taskId, string state)
    {
        using var over = new CancellationTokenSource(_patience);
        string update;
        do
        {
            update = await ReceiveAsync(over.Token);
        }
        while (!update.Contains(taskId, StringComparison.Ordinal) || !HasState(update, state));
    }

    public void Dispose() => _socket.Dispose();

    private static bool HasState(string update, string state) =>
        update.Contains($"\"state\":{JsonSerializer.Serialize(state)}", StringComparison.Ordinal);

    private async Task<string> ReceiveAsync(CancellationToken cancellation)
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellation);
            length += part.Count;
        }
        while (!part.EndOfMessage);

        return System.Text.Encoding.UTF8.GetString(_buffer, 0, length);
    }
}
