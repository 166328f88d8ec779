using Koubou.Gateway.Binding;
using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Keys;

internal static class KeyExtensions
{
    public static void AddKeys(this WebApplicationBuilder builder)
    {
        var configured = ConfiguredKeys.Read(builder.Configuration);
        var services = builder.Services;
        services.AddSingleton<KeyFile>();
        services.AddSingleton<KeyDesk>();
        services.AddHostedService<KeyWatch>();
        services.AddSingleton(provider =>
        {
            var ring = ActivatorUtilities.CreateInstance<KeyRing>(provider, configured);
            ring.Refresh();
            return ring;
        });

        // A file that cannot be read keeps the gateway from starting; later it only keeps it from changing.
        var file = new KeyFile(KoubouHome.Resolve(builder.Configuration), TimeProvider.System);
        OpenDoorPolicy.Check(DoorPlan.Read(builder.Configuration), configured.Count + (file.Read()?.Count ?? 0));
    }

    /// <summary>Every door needs a key once there is one.</summary>
    public static void UseKeys(this WebApplication app) => app.UseMiddleware<KeyGuard>();

    /// <summary>Says what a key must grant to come here.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, KeyScopes scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new NeededScope(scope));
}
