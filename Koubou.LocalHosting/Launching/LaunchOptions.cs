using Aspire.Hosting;
using Microsoft.Extensions.Configuration;

namespace Koubou.LocalHosting.Launching;

/// <summary>How patiently services are started, restarted and ended. Section <c>LocalHosting</c>.</summary>
internal sealed class LaunchOptions
{
    /// <summary>How long a service may take to become healthy. Default: 60 seconds.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a service that was never healthy is started before the workshop gives up. Default: 3.</summary>
    public int StartAttemptsMax { get; set; } = 3;

    /// <summary>The pause before the first restart; doubles with each crash. Default: half a second.</summary>
    public TimeSpan RestartDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause before a restart. Default: 30 seconds.</summary>
    public TimeSpan RestartDelayMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a service must run for its crashes to be forgotten. Default: one minute.</summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a service may take to end when asked to, before it is killed. Default: 30 seconds.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long services may live on after the AppHost itself was killed. Default: 5 seconds.</summary>
    public TimeSpan OrphanGrace { get; set; } = TimeSpan.FromSeconds(5);

    public static LaunchOptions Read(IConfiguration configuration)
    {
        var options = new LaunchOptions();
        configuration.GetSection("LocalHosting").Bind(options);
        if (options.StartTimeout <= TimeSpan.Zero || options.StartAttemptsMax < 1 || options.RestartDelay <= TimeSpan.Zero
            || options.RestartDelayMax < options.RestartDelay || options.StopGrace < TimeSpan.Zero
            || options.OrphanGrace < TimeSpan.Zero)
        {
            throw new DistributedApplicationException(
                "LocalHosting: times must be positive and RestartDelayMax at least RestartDelay.");
        }

        return options;
    }
}
