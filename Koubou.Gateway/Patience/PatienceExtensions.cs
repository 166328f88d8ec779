using Koubou.Gateway.Errors;
using Koubou.Gateway.Rest;
using Koubou.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Http.Timeouts;

namespace Koubou.Gateway.Patience;

/// <summary>Gives every request an end, so that none holds memory or a connection for ever.</summary>
internal static class PatienceExtensions
{
    private const string Held = "held";

    public static void AddPatience(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PatienceOptions>()
            .BindSettings(PatienceOptions.Section)
            .Validate(
                options => options.RequestTimeout >= TimeSpan.FromSeconds(1) && options.RequestTimeout <= TimeSpan.FromHours(1),
                $"{PatienceOptions.Section}:RequestTimeout must be from 00:00:01 to 01:00:00.")
            .Validate(
                options => options.HeadersTimeout >= TimeSpan.FromSeconds(1) && options.HeadersTimeout <= TimeSpan.FromMinutes(5),
                $"{PatienceOptions.Section}:HeadersTimeout must be from 00:00:01 to 00:05:00.")
            .Validate(options => options.ConnectionsMax > 0, $"{PatienceOptions.Section}:ConnectionsMax must be at least 1.")
            .Validate(
                options => options.BodyBytesMax >= 1024, $"{PatienceOptions.Section}:BodyBytesMax must be at least 1024 bytes.")
            .ValidateOnStart();

        // Read without the checks: the server is put together before they run, and a fault is told by them.
        var limits = builder.Configuration.GetSection(PatienceOptions.Section).Get<PatienceOptions>() ?? new PatienceOptions();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.RequestHeadersTimeout = Positive(limits.HeadersTimeout);
            kestrel.Limits.MaxConcurrentConnections = Math.Max(1, limits.ConnectionsMax);
            kestrel.Limits.MaxConcurrentUpgradedConnections = null;
            kestrel.Limits.MaxRequestBodySize = Math.Max(0, limits.BodyBytesMax);
        });
        builder.Services.AddRequestTimeouts(timeouts =>
        {
            timeouts.DefaultPolicy = Policy(Positive(limits.RequestTimeout));
            timeouts.AddPolicy(Held, Policy(Positive(limits.RequestTimeout) + WaitQuery.Longest));
        });
    }

    /// <summary>The answer may be held as long as a client may ask to wait.</summary>
    public static TBuilder MayBeHeld<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequestTimeoutAttribute(Held));

    /// <summary>A stream, or something that ends its calls itself.</summary>
    public static TBuilder HasNoEnd<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new DisableRequestTimeoutAttribute());

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.FromSeconds(1);

    private static RequestTimeoutPolicy Policy(TimeSpan timeout) => new()
    {
        Timeout = timeout,
        TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
        WriteTimeoutResponse = context =>
        {
            // Still the token that has just run out.
            context.RequestAborted = CancellationToken.None;
            return Problems.TookTooLong(timeout).WriteForDoorAsync(context);
        },
    };
}
