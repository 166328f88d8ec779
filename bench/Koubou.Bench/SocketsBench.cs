using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace Koubou.Bench;

/// <summary>
/// What sockets cost the gateway: a thousand that stay silent, and beside them a hundred that get every change. The time
/// is from the call of submit, over the disk and the log of changes, to the message at the client.
/// </summary>
internal static class SocketsBench
{
    private const string Durability = "told after fsync (WAL, synchronous=FULL)";
    private const int Idle = 1_000;
    private const int Busy = 100;
    private const int WarmUp = 20;
    private const int Rounds = 200;
    private const double MiB = 1024 * 1024;

    public static async Task RunAsync(Report report)
    {
        await using var workshop = await Workshop.OpenAsync(withNode: false);
        await using var gateway = await GatewayProcess.StartAsync(workshop.Address);

        // Fifty that come and go, so that what is measured is a socket and not the first use of the code for it.
        await CloseAsync(await OpenAsync(gateway.Sockets("?batch_id=none"), 50));
        var before = gateway.MemoryBytes;
        var idle = await OpenAsync(gateway.Sockets("?batch_id=none"), Idle);
        var after = gateway.MemoryBytes;
        report.Add("sockets_idle_1000_memory", (after - before) / MiB, "MiB more than without", "none");
        report.Add("sockets_idle_1000_memory_each", (after - before) / 1024.0 / Idle, "KiB", "none");

        var busy = await OpenAsync(gateway.Sockets(""), Busy);
        var latencies = new List<double>();
        for (var round = -WarmUp; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var arrivals = busy.Select(socket => NextAsync(socket, start)).ToArray();
            await workshop.Client.SubmitAsync(Workshop.Batch(1));
            var times = await Task.WhenAll(arrivals);
            if (round >= 0)
            {
                latencies.AddRange(times);
            }
        }

        latencies.Sort();
        report.Add("sockets_busy_100_latency_p50", latencies[latencies.Count / 2], "ms", Durability);
        report.Add("sockets_busy_100_latency_p99", latencies[latencies.Count * 99 / 100], "ms", Durability);
        report.Add("sockets_1100_memory", gateway.MemoryBytes / MiB, "MiB in all", "none");
        await CloseAsync([.. idle, .. busy]);
    }

    private static async Task<List<ClientWebSocket>> OpenAsync(Uri address, int count)
    {
        var sockets = new List<ClientWebSocket>(count);
        for (var number = 0; number < count; number++)
        {
            var socket = new ClientWebSocket();
            await socket.ConnectAsync(address, CancellationToken.None);

            // The greeting: from here on it sees everything.
            await NextAsync(socket, 0);
            sockets.Add(socket);
        }

        return sockets;
    }

    private static async Task<double> NextAsync(ClientWebSocket socket, long start)
    {
        var buffer = new byte[4 * 1024];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
        }
        while (!part.EndOfMessage);

        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var type = JsonElement.Parse(buffer.AsSpan(0, length)).GetProperty("type").GetString();
        return type is "connected" or "task_update"
            ? elapsed
            : throw new InvalidOperationException($"A socket got '{type}'.");
    }

    private static async Task CloseAsync(IEnumerable<ClientWebSocket> sockets)
    {
        foreach (var socket in sockets)
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            socket.Dispose();
        }
    }
}
