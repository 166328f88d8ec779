using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Koubou.LocalHosting.Ports;

/// <summary>Chooses every port of the workshop before anything starts, and holds each until its service does.</summary>
internal sealed class PortPlan : IDisposable
{
    private readonly Dictionary<(IResource Owner, int Replica), List<PortReservation>> _reservations = [];

    /// <summary>Reserves fixed ports and free ones; throws with every port that is taken, by whom, and what to do.</summary>
    public static PortPlan Make(IReadOnlyCollection<IResource> resources, IConfiguration configuration)
    {
        var plan = new PortPlan();
        var taken = new List<string>();
        foreach (var resource in resources)
        {
            var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                endpoint.AllocatedPorts = plan.Reserve(resource, endpoint, replicas, taken, configuration);
            }
        }

        if (taken.Count > 0)
        {
            plan.Dispose();
            throw new DistributedApplicationException(string.Join(Environment.NewLine, taken));
        }

        return plan;
    }

    /// <summary>Lets one service have its ports.</summary>
    public void Release(IResource owner, int replica)
    {
        foreach (var reservation in _reservations.GetValueOrDefault((owner, replica)) ?? [])
        {
            reservation.Release();
        }
    }

    public void Dispose()
    {
        foreach (var reservation in _reservations.Values.SelectMany(list => list))
        {
            reservation.Dispose();
        }
    }

    private List<int> Reserve(
        IResource resource, EndpointAnnotation endpoint, int replicas, List<string> taken, IConfiguration configuration)
    {
        if (endpoint.Port is > 0 && replicas > 1)
        {
            throw new DistributedApplicationException(
                $"{resource.Name}/{endpoint.Name}: replicas cannot share the fixed port {endpoint.Port}.");
        }

        var ports = new List<int>();
        for (var replica = 0; replica < replicas; replica++)
        {
            var reservation = endpoint.Port is > 0 and var port ? PortReservation.TryReserve(port) : PortReservation.Free();
            if (reservation is null)
            {
                taken.Add(Explain(resource, endpoint, configuration));
                continue;
            }

            ports.Add(reservation.Port);
            _reservations.TryAdd((resource, replica), []);
            _reservations[(resource, replica)].Add(reservation);
        }

        return ports;
    }

    private static string Explain(IResource resource, EndpointAnnotation endpoint, IConfiguration configuration)
    {
        var port = endpoint.Port!.Value;
        var owner = PortOwner.Find(port);
        var (who, end) = owner is not null
            ? ($"process {owner.Id} ({owner.Command})", $"End it with: kill {owner.Id}")
            : PortClaims.IsAnothers(port)
                ? ("another workshop of yours that is starting", "Stop that one with Ctrl+C")
                : ($"another process (find it with: {PortOwner.HowToFind(port)})", "End that process");

        // The setting that named this port is the one to change; 0 asks for a free port.
        var setting = configuration.AsEnumerable().FirstOrDefault(pair => pair.Value == $"{port}").Key;
        var change = setting is null ? "give this endpoint another port" : $"take another port with: --{setting}=<port>";
        return $"Port {port}, which {resource.Name} needs for {endpoint.Name}, is taken by {who}. {end}; or {change}.";
    }
}
