using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Scheduling;
using Microsoft.Extensions.Configuration;

namespace Koubou.ServiceDefaults.Settings;

/// <summary>All settings that a service runs with: those that every service has, then its own sections; secrets hidden.</summary>
public sealed class ServiceSettings(IServiceProvider services, IConfiguration configuration, KoubouHome home)
{
    private static readonly string[] Shared =
        [SchedulerClient.AddressKey, "LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT"];

    public IReadOnlyList<KeyValuePair<string, string>> All() =>
    [
        KeyValuePair.Create("KOUBOU_HOME", home.Root),
        .. Shared.Select(name => KeyValuePair.Create(name, Secrets.Cover(configuration[name] ?? ""))),
        .. ((IEnumerable<ShownSection>?)services.GetService(typeof(IEnumerable<ShownSection>)) ?? [])
            .SelectMany(section => EffectiveSettings.Of(section.Name, section.Read(services))),
    ];
}
