using Koubou.Cli.Workshop;
using Koubou.ServiceDefaults.Home;
using Microsoft.Extensions.Configuration;

namespace Koubou.Cli.Doctor;

/// <summary>The workshop that is looked at: how to reach it, and what this machine says of it.</summary>
internal sealed class Patient(GatewayClient gateway, KoubouHome home, IConfiguration settings, HttpClient http)
{
    /// <summary>How long one look may take.</summary>
    public static readonly TimeSpan LookMax = TimeSpan.FromSeconds(5);

    public GatewayClient Gateway => gateway;

    public KoubouHome Home => home;

    /// <summary>The home's settings file with the environment above it, as the services read them.</summary>
    public IConfiguration Settings => settings;

    /// <summary>For looks at other servers.</summary>
    public HttpClient Http => http;

    /// <summary>Where the gateway is elsewhere, what this machine has says nothing about the workshop.</summary>
    public bool IsHere => gateway.Address.IsLoopback;

    /// <summary>The gateway answered, and opened its doors to this caller.</summary>
    public bool GatewayAnswers { get; set; }

    /// <summary>What the gateway tells of its worker nodes; null when it does not answer.</summary>
    public IReadOnlyList<WorkerJson>? Workers { get; set; }

    /// <summary>Bytes that the wanted model takes; 0: not known.</summary>
    public long ModelBytes { get; set; }
}
