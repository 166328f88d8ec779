using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Koubou.LocalHosting.Output;
using Koubou.LocalHosting.Health;
using Koubou.LocalHosting.Ports;
using Koubou.LocalHosting.Processes;

namespace Koubou.LocalHosting.Launching;

/// <summary>All services together: opens in the order of their waits, closes in the reverse of it.</summary>
internal sealed class Workshop(IDistributedApplicationBuilder builder, LaunchOptions options, ConsoleWriter console)
    : IAsyncDisposable
{
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly CancellationTokenSource _atOnce = new();
    private readonly HealthGate _gate = new();
    private readonly List<ServiceSupervisor> _services = [];
    private readonly Dictionary<IResource, Task> _stops = [];

    /// <summary>Opens, waits for the token, closes. False when it could not open, or had to give up.</summary>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        PortPlan ports;
        try
        {
            ports = PortPlan.Make(builder.Resources, builder.Configuration);
        }
        catch (DistributedApplicationException fault)
        {
            console.Trouble(fault.Message);
            return false;
        }

        using var held = ports;
        using var guard = Guard.Start(_mark, options.OrphanGrace);
        try
        {
            Begin(ports);
            return await StayOpenAsync(stop);
        }
        finally
        {
            await CloseAsync();
        }
    }

    /// <summary>Ends everything without grace.</summary>
    public void StopAtOnce() => _atOnce.Cancel();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _services.ForEach(service => service.Dispose());
        _gate.Dispose();
        _atOnce.Dispose();
    }

    private void Begin(PortPlan ports)
    {
        foreach (var resource in builder.Resources.Where(IsRunHere))
        {
            var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
            for (var replica = 0; replica < replicas; replica++)
            {
                var name = replicas == 1 ? resource.Name : $"{resource.Name}-{replica + 1}";
                var plan = new ServicePlan(resource, replica, name, $"{_mark}.{name}.");
                _services.Add(new ServiceSupervisor(plan, builder.Environment, options, _gate, console));
            }
        }

        console.Introduce(_services.Select(service => service.Plan.Name));
        foreach (var service in _services)
        {
            var dependencies = _services.Where(other => service.Plan.WaitsFor.Contains(other.Plan.Resource));
            service.Begin(
                Task.WhenAll(dependencies.Select(other => other.Healthy)),
                () => ports.Release(service.Plan.Resource, service.Plan.Replica),
                _atOnce.Token);
        }
    }

    private static bool IsRunHere(IResource resource) =>
        resource is ProjectResource || resource.Annotations.OfType<ProgramAnnotation>().Any();

    private async Task<bool> StayOpenAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var healthy in Task.WhenEach(_services.Select(service => service.Healthy)).WithCancellation(stop))
            {
                await healthy;
            }

            console.Say(Addresses());
            await Task.Delay(Timeout.Infinite, stop);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            console.Say("Closing: services finish what they hold. Ctrl+C again ends them at once.");
            return true;
        }
        catch (ServiceStartException fault)
        {
            console.Trouble(fault.Message);
            return false;
        }
    }

    private string Addresses()
    {
        var urls = builder.Resources.SelectMany(resource => resource.Annotations.OfType<UrlForEndpointAnnotation>())
            .Select(url => (Shown: url.Create(url.Endpoint), url.Endpoint))
            .Select(url => (Text: url.Shown.DisplayText ?? url.Endpoint.Resource.Name,
                Address: new Uri(new Uri(url.Endpoint.Url), url.Shown.Url).ToString())).ToList();
        var width = urls.Count == 0 ? 0 : urls.Max(url => url.Text.Length);
        var lines = urls.Select(url => $"  {url.Text.PadRight(width)}  {url.Address}");
        return string.Join(Environment.NewLine,
            ["", $"All {_services.Count} services are healthy. Open:", .. lines, "Ctrl+C stops them all.", ""]);
    }

    private async Task CloseAsync()
    {
        await Task.WhenAll(_services.Select(service => StopAfterDependents(service.Plan.Resource)));
        await MarkedProcesses.EndAsync(_mark, TimeSpan.Zero);
    }

    /// <summary>Stops a service once all that wait for it have stopped, so that they can still say goodbye to it.</summary>
    private Task StopAfterDependents(IResource resource)
    {
        if (!_stops.TryGetValue(resource, out var stop))
        {
            _stops[resource] = stop = StopAsync();
        }

        return stop;

        async Task StopAsync()
        {
            var dependents = _services.Select(service => service.Plan).Where(plan => plan.WaitsFor.Contains(resource))
                .Select(plan => plan.Resource).Distinct().ToList();
            await Task.WhenAll(dependents.Select(StopAfterDependents));
            await Task.WhenAll(_services.Where(service => service.Plan.Resource == resource)
                .Select(service => service.StopAsync()));
        }
    }
}
