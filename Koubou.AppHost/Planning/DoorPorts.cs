using Microsoft.Extensions.Configuration;

namespace Koubou.AppHost.Planning;

/// <summary>
/// The gateway's fixed ports, and the scheduler's for worker nodes of other machines; null for any free one. Section
/// <c>Koubou:Ports</c>, where 0 means free.
/// </summary>
internal sealed record DoorPorts(int? Http, int? WebSocket, int? GraphQL, int? Scheduler)
{
    private const int PortMax = 65535;

    /// <summary>8765, 8766, 8767 and any free one unless set otherwise; a publisher gives ports of its own.</summary>
    public static DoorPorts Read(IConfiguration configuration, bool publishing) => publishing
        ? new DoorPorts(null, null, null, null)
        : new DoorPorts(
            ReadPort(configuration, "Koubou:Ports:Http", 8765),
            ReadPort(configuration, "Koubou:Ports:WebSocket", 8766),
            ReadPort(configuration, "Koubou:Ports:GraphQL", 8767),
            ReadPort(configuration, "Koubou:Ports:Scheduler", 0));

    private static int? ReadPort(IConfiguration configuration, string key, int preset) =>
        Setting.ReadNumber(key, configuration[key], preset, 0, PortMax) is > 0 and var port ? port : null;
}
