using System.Net;
using System.Net.Sockets;

namespace Koubou.LocalHosting.Ports;

/// <summary>
/// Holds a port: until the service starts that will listen on it by listening itself, and to its end by a claim that other
/// workshops of this machine respect. Free ports are taken below the range from which systems hand out ports by themselves,
/// so that no program is given one in the moment between release and the service's own bind.
/// </summary>
internal sealed class PortReservation : IDisposable
{
    private const int First = 20000;
    private const int Last = 32000;
    private const int TriesMax = 200;

    private readonly List<Socket> _sockets;

    private PortReservation(int port, List<Socket> sockets)
    {
        Port = port;
        _sockets = sockets;
    }

    public int Port { get; }

    /// <summary>Reserves some free port.</summary>
    public static PortReservation Free()
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (TryReserve(Random.Shared.Next(First, Last)) is { } reservation)
            {
                return reservation;
            }
        }

        throw new IOException($"No free port was found between {First} and {Last} in {TriesMax} tries.");
    }

    /// <summary>Reserves this port on loopback; null when somebody listens there or has claimed it.</summary>
    public static PortReservation? TryReserve(int port)
    {
        if (!PortClaims.TryClaim(port))
        {
            return null;
        }

        var sockets = new List<Socket>();
        try
        {
            sockets.Add(Bind(IPAddress.Loopback, port));
            if (Socket.OSSupportsIPv6)
            {
                sockets.Add(Bind(IPAddress.IPv6Loopback, port));
            }

            return new PortReservation(port, sockets);
        }
        catch (SocketException fault) when (fault.SocketErrorCode is SocketError.AddressNotAvailable
            or SocketError.AddressFamilyNotSupported && sockets.Count > 0)
        {
            // A machine without ::1; localhost is IPv4 alone there.
            return new PortReservation(port, sockets);
        }
        catch (SocketException)
        {
            sockets.ForEach(socket => socket.Dispose());
            PortClaims.Release(port);
            return null;
        }
    }

    /// <summary>Lets the service bind the port.</summary>
    public void Release() => _sockets.ForEach(socket => socket.Dispose());

    /// <summary>Lets anybody have the port.</summary>
    public void Dispose()
    {
        Release();
        PortClaims.Release(Port);
    }

    private static Socket Bind(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Listening is what makes the claim exclusive; a bound socket alone can be shared on some systems.
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
