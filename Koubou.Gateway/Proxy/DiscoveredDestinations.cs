using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Koubou.Gateway.Proxy;

/// <summary>Replaces service names in YARP's destinations by the addresses that service discovery knows.</summary>
internal sealed class DiscoveredDestinations(ServiceEndpointResolver resolver) : IDestinationResolver
{
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>();
        var changes = new List<IChangeToken>();
        foreach (var (name, destination) in destinations)
        {
            var source = await resolver.GetEndpointsAsync(destination.Address, cancellationToken);
            changes.Add(source.ChangeToken);
            foreach (var endpoint in source.Endpoints)
            {
                resolved[$"{name}[{resolved.Count}]"] = destination with
                {
                    Address = AddressOf(endpoint, new Uri(destination.Address).Scheme),
                };
            }
        }

        return new ResolvedDestinationCollection(resolved, new CompositeChangeToken(changes));
    }

    // Sample: http://localhost:5100 as it was configured, or 127.0.0.1:5100 as DNS found it.
    private static string AddressOf(ServiceEndpoint endpoint, string scheme)
    {
        var text = endpoint.ToString() ?? "";
        return text.Contains("://", StringComparison.Ordinal) ? text : $"{scheme}://{text}";
    }
}
