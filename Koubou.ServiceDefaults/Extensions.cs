using Koubou.ServiceDefaults.Health;
using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Logging;
using Koubou.ServiceDefaults.Settings;
using Koubou.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Koubou.ServiceDefaults;

/// <summary>What every Koubou service does alike.</summary>
public static class Extensions
{
    /// <summary>Adds the home's configuration, logs, telemetry, health checks, service discovery and HTTP resilience.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="service">The service's name in logs and traces, such as <c>scheduler</c>.</param>
    /// <param name="logName">
    /// Its log file below <c>logs/</c>, without ending. Default: <paramref name="service"/>.
    /// </param>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder, string service, string? logName = null)
        where TBuilder : IHostApplicationBuilder
    {
        var home = KoubouHome.Resolve(builder.Configuration);
        builder.Services.AddSingleton(home);
        builder.Services.AddSingleton<ServiceSettings>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<ParentLifeline>();
        builder.AddHomeConfiguration(home);
        builder.AddKoubouLogging(home, logName ?? service);
        builder.AddKoubouTelemetry(service);
        builder.AddDefaultHealthChecks();

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>Maps <c>/health</c> (ready to serve, with details) and <c>/alive</c> (the process answers).</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthEndpoints();
        return app;
    }
}
