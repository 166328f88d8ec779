using System.Net;
using Koubou.Contracts;

namespace Koubou.Worker.Backends.Privacy;

/// <summary>Which zone an address lies in: what is not surely near counts as far.</summary>
internal sealed class ZoneMap(IReadOnlyList<IPNetwork> privateNetworks)
{
    /// <summary>Loopback is local, the configured networks are private, everything else is the cloud.</summary>
    public Zone ZoneOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(plain))
        {
            return Zone.Local;
        }

        return privateNetworks.Any(network => network.Contains(plain)) ? Zone.Private : Zone.Cloud;
    }

    /// <summary>
    /// What an endpoint's address promises. A name without dots is one of the own network; that it really leads there is
    /// checked at each connection.
    /// </summary>
    public Zone ZoneOf(Uri endpoint)
    {
        if (endpoint.IsLoopback || endpoint.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
        {
            return Zone.Local;
        }

        if (IPAddress.TryParse(endpoint.Host.Trim('[', ']'), out var address))
        {
            return ZoneOf(address);
        }

        return endpoint.Host.Contains('.') ? Zone.Cloud : Zone.Private;
    }
}
