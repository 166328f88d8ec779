using Koubou.ServiceDefaults.Settings;

namespace Koubou.Gateway.Events;

internal static class EventsExtensions
{
    /// <summary>What every door needs that tells of changes.</summary>
    public static void AddEvents(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EventFeed>();
        builder.Services.AddSingleton<ChangeWatch>();
        builder.Services.AddSingleton<Snapshots>();
        builder.Services.AddOptions<WatchOptions>()
            .BindSettings(WatchOptions.Section)
            .Validate(
                options => options.SlowReaderAfter > TimeSpan.Zero && options.SocketSendTimeout > TimeSpan.Zero,
                $"{WatchOptions.Section}: SlowReaderAfter and SocketSendTimeout must be longer than nothing.")
            .ValidateOnStart();
    }
}
