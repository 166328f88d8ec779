using Koubou.Contracts;
using Koubou.ServiceDefaults.Scheduling;
using Koubou.ServiceDefaults.Settings;
using Koubou.Web.Charts;
using Koubou.Web.Live;
using Koubou.Web.Shell;
using Microsoft.Extensions.Options;

namespace Koubou.Web.Pages.Settings;

/// <summary>The dashboard's own effective settings.</summary>
public sealed class WebSettings(
    IConfiguration configuration,
    IOptions<LiveOptions> live,
    IOptions<GatewayOptions> gateway,
    IOptions<CloudPriceOptions> price,
    IOptions<TraceViewerOptions> traces)
{
    private const string Service = "web";

    public IEnumerable<Setting> All() =>
    [
        Of(SchedulerClient.AddressKey, configuration[SchedulerClient.AddressKey] ?? ""),
        .. Of(GatewayOptions.Section, gateway.Value),
        .. Of(LiveOptions.Section, live.Value),
        .. Of(CloudPriceOptions.Section, price.Value),
        .. Of(TraceViewerOptions.Section, traces.Value),
    ];

    private static IEnumerable<Setting> Of(string section, object options) =>
        EffectiveSettings.Of(section, options).Select(setting => Of(setting.Key, setting.Value));

    private static Setting Of(string name, string value) => new() { Name = name, Value = value, Service = Service };
}
