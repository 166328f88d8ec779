using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Maintenance;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Submission;
using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Operations;

/// <summary>The settings that this scheduler runs with.</summary>
internal sealed class SchedulerSettings(IServiceProvider services, IQueueStore store, KoubouHome home)
{
    public SettingsReply List()
    {
        var settings = new[]
            {
                KeyValuePair.Create("KOUBOU_HOME", home.Root),
                KeyValuePair.Create("Koubou:Queue", store.Name),
            }
            .Concat(Of<LeaseOptions>(LeaseOptions.Section))
            .Concat(Of<BackoffOptions>(BackoffOptions.Section))
            .Concat(Of<OrderOptions>(OrderOptions.Section))
            .Concat(Of<SubmitLimits>(SubmitLimits.Section))
            .Concat(Of<MaintenanceOptions>(MaintenanceOptions.Section))
            .Concat(Of<NodeOptions>(NodeOptions.Section))
            .Concat(store.Settings);
        return new SettingsReply
        {
            Settings =
            {
                settings.Select(pair => new Setting { Name = pair.Key, Value = pair.Value, Service = "scheduler" }),
            },
        };
    }

    private IEnumerable<KeyValuePair<string, string>> Of<T>(string section)
        where T : class =>
        EffectiveSettings.Of(section, services.GetRequiredService<IOptions<T>>().Value);
}
