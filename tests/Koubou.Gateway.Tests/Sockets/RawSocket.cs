using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Koubou.Gateway.Tests.Sockets;

/// <summary>One frame as it stands on the wire.</summary>
public sealed record Frame(int Opcode, byte[] Payload, bool Fin = true, int Reserved = 0, bool Masked = true, ulong? Length = null)
{
    public const int Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    public static Frame OfText(string text, bool fin = true) => new(Text, Encoding.UTF8.GetBytes(text), fin);

    /// <summary>The code of a close frame; 1005 when it has none.</summary>
    public int Code => Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 1005;

    public string AsText => Encoding.UTF8.GetString(Payload);
}

/// <summary>A WebSocket by hand: every bit of every frame is the test's to choose.</summary>
internal sealed class RawSocket : IAsyncDisposable
{
    private static readonly byte[] Mask = [0x37, 0xfa, 0x21, 0x3d];

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawSocket(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    /// <summary>Connects and reads the greeting. The watch is of a batch that is not there, so no other test's tasks come by.</summary>
    public static async Task<RawSocket> ConnectAsync(Uri address)
    {
        var socket = await DialAsync(address);
        var answer = await socket.HandshakeAsync("/ws?batch_id=none", ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="));
        Assert.StartsWith("HTTP/1.1 101", answer);
        Assert.Contains("\"connected\"", (await socket.ReadAsync())!.AsText);
        return socket;
    }

    public static async Task<RawSocket> DialAsync(Uri address)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port);
        return new RawSocket(client);
    }

    /// <summary>Asks for the upgrade with these headers and reads the head of the answer.</summary>
    public async Task<string> HandshakeAsync(string path, params (string Name, string Value)[] headers)
    {
        var lines = headers.Select(header => $"{header.Name}: {header.Value}\r\n");
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{string.Concat(lines)}\r\n"));
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await _stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public Task SendAsync(Frame frame) => SendAsync(Encode(frame));

    /// <summary>Bytes as they are, however they fall into packets.</summary>
    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>The next frame; null when the other side has hung up.</summary>
    public async Task<Frame?> ReadAsync()
    {
        try
        {
            var head = new byte[2];
            await _stream.ReadExactlyAsync(head);
            var length = head[1] & 0x7f;
            if (length == 126)
            {
                var wide = new byte[2];
                await _stream.ReadExactlyAsync(wide);
                length = BinaryPrimitives.ReadUInt16BigEndian(wide);
            }

            // Servers do not mask, and none of our messages needs 64 bits of length.
            Assert.Equal((0, true), (head[1] & 0x80, length < 127 || head[1] == 126));
            var payload = new byte[length];
            await _stream.ReadExactlyAsync(payload);
            return new Frame(head[0] & 0x0f, payload, (head[0] & 0x80) != 0, (head[0] >> 4) & 7, Masked: false);
        }
        catch (Exception gone) when (gone is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    /// <summary>The code that the server closes with; null when it hangs up without one.</summary>
    public async Task<int?> ClosedAsync()
    {
        while (await ReadAsync() is { } frame)
        {
            if (frame.Opcode == Frame.Close)
            {
                return frame.Code;
            }
        }

        return null;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    public static byte[] Encode(Frame frame)
    {
        var length = frame.Length ?? (ulong)frame.Payload.Length;
        List<byte> bytes = [(byte)((frame.Fin ? 0x80 : 0) | (frame.Reserved << 4) | frame.Opcode)];
        var masked = frame.Masked ? 0x80 : 0;
        if (length < 126)
        {
            bytes.Add((byte)(masked | (int)length));
        }
        else if (length <= ushort.MaxValue)
        {
            bytes.AddRange([(byte)(masked | 126), (byte)(length >> 8), (byte)length]);
        }
        else
        {
            var wide = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(wide, length);
            bytes.AddRange([(byte)(masked | 127), .. wide]);
        }

        if (frame.Masked)
        {
            bytes.AddRange(Mask);
        }

        bytes.AddRange(frame.Payload.Select((letter, at) => (byte)(frame.Masked ? letter ^ Mask[at % 4] : letter)));
        return [.. bytes];
    }
}
