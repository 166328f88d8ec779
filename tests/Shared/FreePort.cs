using System.Net;
using System.Net.Sockets;

namespace Koubou.Tests.Shared;

/// <summary>Loopback ports where nobody listens, each given once in this process.</summary>
/// <remarks>
/// They lie below those that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere): a server that
/// is killed finds its port still free when it starts again, and who calls it meanwhile cannot be connected to itself. A
/// workshop's own ports are from 20000 on: it lets go of each for a moment before its service binds it.
/// </remarks>
internal static class FreePort
{
    private const int From = 10_000;
    private const int Count = 10_000;

    private static int _last = Random.Shared.Next(Count);

    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = From + (int)((uint)Interlocked.Increment(ref _last) % Count);
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"No port from {From} to {From + Count - 1} is free.");
    }
}
