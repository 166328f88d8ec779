using System.Net.Sockets;
using Koubou.Contracts;

namespace Koubou.Worker.Backends.Privacy;

/// <summary>
/// Opens a backend's connections, and only into its zone. The addresses are checked after the name was resolved and the
/// connection goes to one of those that were checked: a name that leads elsewhere the second time changes nothing.
/// </summary>
internal sealed class GuardedConnect(
    string backend, Zone zone, ZoneMap zones, IHostResolver resolver, PolicyAudit audit)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var target = context.DnsEndPoint;
        var found = await resolver.ResolveAsync(target.Host, cancellationToken);
        var admitted = zone == Zone.Cloud ? found : [.. found.Where(address => zones.ZoneOf(address) <= zone)];
        if (admitted.Length == 0)
        {
            var addresses = found.Length == 0 ? "no address" : string.Join(", ", found.AsEnumerable());
            throw audit.Refuse("", $"{target.Host}:{target.Port} ({addresses})",
                $"Backend '{backend}' is of the zone '{zone.ToWord()}', but its name {target.Host} leads to {addresses}, "
                + $"which lies outside. Nothing was sent. {Mend()}");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(admitted, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string Mend() => zone == Zone.Local
        ? "A local backend must listen on this machine's loopback address."
        : "Networks of your own are named in Koubou:Worker:PrivateNetworks.";
}
