using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Sockets;

/// <summary>
/// The WebSocket protocol frame by frame (RFC 6455), in the groups of Autobahn's suite for servers: framing, pings,
/// reserved bits and opcodes, fragmentation, UTF-8, the closing handshake, limits.
/// </summary>
public sealed class FrameTests(WorkshopFixture workshop)
{
    private const string Ask = """{"type":"ping","request_id":"工房 ✓"}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Message_InFragments_WithPingsBetween_IsOneMessage(int size)
    {
        await using var socket = await RawSocket.ConnectAsync(workshop.Gateway.WebSocket);
        var pieces = Encoding.UTF8.GetBytes(Ask).Chunk(size).ToList();

        // Letters of several bytes are cut in two, and a control frame may come between.
        for (var i = 0; i < pieces.Count - 1; i++)
        {
            await socket.SendAsync(new Frame(i == 0 ? Frame.Text : Frame.Continuation, pieces[i], Fin: false));
            await socket.SendAsync(new Frame(Frame.Ping, [(byte)i]));
            var pong = (await socket.ReadAsync())!;
            Assert.Equal((Frame.Pong, (byte)i), (pong.Opcode, pong.Payload[0]));
        }

        await socket.SendAsync(new Frame(Frame.Continuation, pieces[^1]));

        Assert.Contains("工房 ✓", (await socket.ReadAsync())!.AsText);
    }

    [Fact]
    public async Task Bytes_OneAtATime_AreReadAsWell()
    {
        await using var socket = await RawSocket.ConnectAsync(workshop.Gateway.WebSocket);

        foreach (var letter in RawSocket.Encode(Frame.OfText(Ask)))
        {
            await socket.SendAsync([letter]);
        }

        Assert.Contains("工房 ✓", (await socket.ReadAsync())!.AsText);
    }

    [Fact]
    public async Task Pings_AreAnsweredWithTheirPayload_AndPongsPassedOver()
    {
        await using var socket = await RawSocket.ConnectAsync(workshop.Gateway.WebSocket);

        await socket.SendAsync(new Frame(Frame.Pong, "unasked"u8.ToArray()));
        foreach (var payload in (byte[][])[[], [0, 0xff, 0xfe], new byte[125]])
        {
            await socket.SendAsync(new Frame(Frame.Ping, payload));
            var pong = (await socket.ReadAsync())!;

            Assert.Equal(Frame.Pong, pong.Opcode);
            Assert.Equal(payload, pong.Payload);
        }
    }

    public static TheoryData<string, int, Frame[]> Faults
    {
        get
        {
            var faults = new TheoryData<string, int, Frame[]>
            {
                { "unmasked", 1002, [Frame.OfText(Ask) with { Masked = false }] },
                { "a ping in pieces", 1002, [new Frame(Frame.Ping, [1], Fin: false)] },
                { "a ping of 126 bytes", 1002, [new Frame(Frame.Ping, new byte[126])] },
                { "a continuation of nothing", 1002, [new Frame(Frame.Continuation, [1])] },
                { "a message inside another", 1002, [Frame.OfText("{", fin: false), Frame.OfText("{}")] },
                { "a length of 64 bits with the first one set", 1002, [new Frame(Frame.Text, [], Length: ulong.MaxValue)] },
                { "a close of one byte", 1002, [new Frame(Frame.Close, [3])] },
                { "a close in pieces", 1002, [new Frame(Frame.Close, [3, 0xe8], Fin: false)] },
                { "a close whose reason is not UTF-8", 1002, [new Frame(Frame.Close, [3, 0xe8, 0xc3, 0x28])] },
            };
            foreach (var bit in (int[])[1, 2, 4, 7])
            {
                faults.Add($"reserved bits {bit}", 1002, [Frame.OfText(Ask) with { Reserved = bit }]);
            }

            foreach (var opcode in (int[])[3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
            {
                faults.Add($"reserved opcode {opcode}", 1002, [new Frame(opcode, [1])]);
            }

            foreach (var code in (int[])[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535])
            {
                faults.Add($"close code {code}", 1002, [new Frame(Frame.Close, CloseOf(code))]);
            }

            // Half a letter, a surrogate, too long a form, beyond Unicode, a lone continuation.
            foreach (var bytes in (byte[][])[[0xce], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80]])
            {
                faults.Add($"text {Convert.ToHexString(bytes)}", 1007, [new Frame(Frame.Text, bytes)]);
                faults.Add(
                    $"text {Convert.ToHexString(bytes)} in pieces",
                    1007,
                    [new Frame(Frame.Text, [(byte)'{', .. bytes[..^1]], Fin: false), new Frame(Frame.Continuation, bytes[^1..])]);
            }

            return faults;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Frame_AgainstTheProtocol_EndsTheConnectionWithItsCode(string what, int code, Frame[] frames)
    {
        await using var socket = await RawSocket.ConnectAsync(workshop.Gateway.WebSocket);

        foreach (var frame in frames)
        {
            await socket.SendAsync(frame);
        }

        // The server hangs up at once; when bytes were still on their way, that may overtake its goodbye.
        var closed = await socket.ClosedAsync();
        Assert.True(closed is null || closed == code, $"{what}: {closed}");
        Assert.Null(await socket.ReadAsync());
        Assert.Empty(workshop.Gateway.Errors);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1011)]
    [InlineData(3000)]
    [InlineData(4999)]
    [InlineData(null)]
    public async Task Close_IsAnswered_AndNothingMoreIsRead(int? code)
    {
        await using var socket = await RawSocket.ConnectAsync(workshop.Gateway.WebSocket);

        await socket.SendAsync(new Frame(Frame.Close, code is { } given ? CloseOf(given) : []));
        await socket.SendAsync(new Frame(Frame.Ping, [1]));

        Assert.Equal(1000, await socket.ClosedAsync());
        Assert.Null(await socket.ReadAsync());
    }

    [Fact]
    public async Task Message_LongerThanAllowed_IsToldSo_HoweverItComes()
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:Limits:TaskBodyBytesMax", "2048"));
        await using var whole = await RawSocket.ConnectAsync(gateway.WebSocket);
        await using var pieces = await RawSocket.ConnectAsync(gateway.WebSocket);

        await whole.SendAsync(new Frame(Frame.Text, [.. Enumerable.Repeat((byte)'x', 70_000)]));
        await pieces.SendAsync(new Frame(Frame.Text, [.. Enumerable.Repeat((byte)'x', 2_000)], Fin: false));
        await pieces.SendAsync(new Frame(Frame.Continuation, [.. Enumerable.Repeat((byte)'x', 2_000)], Fin: false));

        Assert.Equal(1009, await whole.ClosedAsync());
        Assert.Equal(1009, await pieces.ClosedAsync());
    }

    [Theory]
    [InlineData("12", "dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("13", "short")]
    public async Task Handshake_OfAnotherKind_IsRefused(string version, string key)
    {
        await using var socket = await RawSocket.DialAsync(workshop.Gateway.WebSocket);

        var answer = await socket.HandshakeAsync("/ws", ("Sec-WebSocket-Version", version), ("Sec-WebSocket-Key", key));

        Assert.StartsWith("HTTP/1.1 4", answer);
    }

    [Fact]
    public async Task Bytes_Random_NeverBreakTheGateway()
    {
        await Gen.Select(Gen.Byte.Array[1, 60], Gen.Bool).SampleAsync(
            async sample =>
            {
                var (noise, behindAMessage) = sample;
                await using var socket = await RawSocket.ConnectAsync(workshop.Gateway.WebSocket);
                if (behindAMessage)
                {
                    await socket.SendAsync(Frame.OfText(Ask));
                }

                await socket.SendAsync(noise);
                return true;
            },
            iter: 100,
            threads: 1);
        await using var next = await RawSocket.ConnectAsync(workshop.Gateway.WebSocket);

        Assert.Empty(workshop.Gateway.Errors);
    }

    private static byte[] CloseOf(int code)
    {
        var payload = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        return payload;
    }
}
