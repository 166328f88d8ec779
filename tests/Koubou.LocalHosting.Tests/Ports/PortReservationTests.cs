using System.Net;
using System.Net.Sockets;
using Koubou.LocalHosting.Ports;

namespace Koubou.LocalHosting.Tests.Ports;

public sealed class PortReservationTests
{
    [Fact]
    public void Port_Reserved_IsNobodyElses()
    {
        using var reservation = PortReservation.Free();

        Assert.Null(PortReservation.TryReserve(reservation.Port));
    }

    [Fact]
    public void Port_Released_CanBeListenedOnAtOnce()
    {
        var reservation = PortReservation.Free();
        reservation.Dispose();

        using var listener = new TcpListener(IPAddress.Loopback, reservation.Port);
        listener.Start();
    }

    [Fact]
    public void Port_ListenedOnByAllAddresses_CannotBeReserved()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();

        Assert.Null(PortReservation.TryReserve(((IPEndPoint)listener.LocalEndpoint).Port));
    }

    [Fact]
    public void Owner_OfAListeningPort_IsFound()
    {
        using var reservation = PortReservation.Free();

        Assert.Equal(Environment.ProcessId, PortOwner.Find(reservation.Port)?.Id);
    }
}
