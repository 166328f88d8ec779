using Koubou.ServiceDefaults.Settings;

namespace Koubou.Web.Live;

/// <summary>The one picture of the workshop that all open pages of this process share.</summary>
public static class LiveFeatures
{
    /// <summary>Adds the live model, the follower of events, the reader of status and the scheduler's health.</summary>
    public static void AddLiveWorkshop(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<LiveOptions>()
            .BindSettings(LiveOptions.Section)
            .Validate(
                options => options.UpdateInterval > TimeSpan.Zero && options.ReadInterval > TimeSpan.Zero,
                $"{LiveOptions.Section}: UpdateInterval and ReadInterval must be above zero.")
            .Validate(
                options => options.FiguresInterval > TimeSpan.Zero && options.DayInterval > TimeSpan.Zero,
                $"{LiveOptions.Section}: FiguresInterval and DayInterval must be above zero.")
            .Validate(
                options => options.ReadIntervalMax >= options.ReadInterval,
                $"{LiveOptions.Section}: ReadIntervalMax must be at least ReadInterval.")
            .Validate(
                options => options.ReconnectDelay > TimeSpan.Zero
                    && options.ReconnectDelayMax >= options.ReconnectDelay,
                $"{LiveOptions.Section}: ReconnectDelay must be above zero, ReconnectDelayMax at least as long.")
            .Validate(
                options => options is { NewestMax: >= 1 and <= 1000, RunningMax: >= 1 and <= 1000, EventsMax: >= 1 and <= 5000 },
                $"{LiveOptions.Section}: NewestMax and RunningMax must be 1 to 1000, EventsMax 1 to 5000.")
            .ValidateOnStart();

        builder.Services.AddSingleton<Workshop>();
        builder.Services.AddHostedService<EventFollower>();
        builder.Services.AddHostedService<WorkshopReader>();
        builder.Services.AddHostedService<FiguresReader>();
        builder.Services.AddHostedService<ChangeAnnouncer>();
        builder.Services.AddHealthChecks().AddCheck<SchedulerLinkHealth>("scheduler");
    }
}
