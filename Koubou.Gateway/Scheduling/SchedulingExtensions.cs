using Koubou.Contracts;
using Koubou.ServiceDefaults.Scheduling;
using Koubou.ServiceDefaults.Settings;

namespace Koubou.Gateway.Scheduling;

internal static class SchedulingExtensions
{
    /// <summary>The way to the scheduler, the limits of each call, and the health check that it answers.</summary>
    public static void AddScheduling(this WebApplicationBuilder builder)
    {
        builder.AddSchedulerClient<TaskQueue.TaskQueueClient>();
        builder.Services.AddSingleton<CallLimits>();
        builder.Services.AddHealthChecks().AddCheck<SchedulerHealth>("scheduler");
        builder.Services.AddOptions<SchedulingOptions>()
            .BindSettings(SchedulingOptions.Section)
            .Validate(
                options => options.SchedulerTimeout >= TimeSpan.FromSeconds(1)
                    && options.SchedulerTimeout <= TimeSpan.FromMinutes(10),
                $"{SchedulingOptions.Section}:SchedulerTimeout must be from 00:00:01 to 00:10:00.")
            .ValidateOnStart();
    }
}
