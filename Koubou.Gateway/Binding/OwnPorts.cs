using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Koubou.Gateway.Binding;

/// <summary>
/// The ports that pages of this service may come from: those that it really listens on, known once it has started, and
/// the usual ones, because an orchestrator may listen there and pass on to others.
/// </summary>
internal sealed class OwnPorts(IServer server)
{
    private int[]? _ports;

    public bool Contains(int port) => Array.IndexOf(_ports ??= Read(), port) >= 0;

    private int[] Read() =>
    [
        .. (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Select(url => BindingAddress.Parse(url).Port),
        .. DoorPlan.UsualPorts,
    ];
}
