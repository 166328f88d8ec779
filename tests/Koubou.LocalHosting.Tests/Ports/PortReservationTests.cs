using System.Diagnostics;
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
        using var reservation = PortReservation.Free();
        reservation.Release();

        using var listener = new TcpListener(IPAddress.Loopback, reservation.Port);
        listener.Start();
    }

    [Fact]
    public void Port_ReleasedForItsService_IsNoOtherWorkshops()
    {
        using var reservation = PortReservation.Free();
        reservation.Release();

        Assert.Null(PortReservation.TryReserve(reservation.Port));
    }

    [Fact]
    public void Port_GivenUp_CanBeReservedAgain()
    {
        var reservation = PortReservation.Free();
        reservation.Dispose();

        using var again = PortReservation.TryReserve(reservation.Port);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task Port_ReleasedForItsService_IsClaimedBeforeOtherProcesses()
    {
        using var reservation = PortReservation.Free();
        reservation.Release();
        var port = reservation.Port;

        // The same lock that the other workshop would ask for.
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"""
            import fcntl
            file = open("{PortClaims.FilePath}", "r+b")
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, {port})
                print("free")
            except OSError:
                print("claimed")
            """);
        using var other = Process.Start(start)!;

        Assert.Equal("claimed", (await other.StandardOutput.ReadToEndAsync()).Trim());
        await other.WaitForExitAsync();
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
