using Koubou.Gateway.Keys;
using Koubou.Gateway.Patience;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Native.Operations;
using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Keys;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.ServiceDiscovery;
using Yarp.ReverseProxy.Transforms;

namespace Koubou.Gateway.Proxy;

/// <summary>Passes the dashboard through to Koubou.Web, which serves everything below its path base.</summary>
internal static class DashboardProxy
{
    /// <summary>Where Koubou.Web is. Default: <c>http://web</c>, found by service discovery.</summary>
    public const string AddressKey = "Koubou:Web:Address";

    public const string AddressDefault = "http://web";

    // Below the dashboard's folder, where the cookie of the sign-in is heard. The name is that of Koubou.Web/wwwroot/js/koubou.js.
    private const string OwnSettings = "/dashboard/gateway/settings";

    private const string Cluster = "web";

    public static void AddDashboardProxy(this WebApplicationBuilder builder)
    {
        var address = builder.Configuration[AddressKey] ?? AddressDefault;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new SettingException(
                $"{AddressKey} is '{address}'. Allowed: an address such as http://web or http://localhost:5100.");
        }

        var route = new RouteConfig
        {
            RouteId = "dashboard",
            ClusterId = Cluster,
            Match = new RouteMatch { Path = "/dashboard/{**rest}" },
        };
        var cluster = new ClusterConfig
        {
            ClusterId = Cluster,
            Destinations = new Dictionary<string, DestinationConfig> { [Cluster] = new() { Address = address } },

            // A circuit of the dashboard is silent while nothing happens.
            HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromMinutes(30) },
        };

        // WebAwayPage says the same in one line.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder.HttpForwarder", LogLevel.Error);
        builder.Services.AddSingleton<IDestinationResolver, DiscoveredDestinations>();
        builder.Services.AddReverseProxy().LoadFromMemory([route], [cluster]).AddTransforms(transforms =>
        {
            // The pages build links from the host that the browser knows; our keys are none of their business.
            transforms.AddOriginalHost();
            transforms.AddRequestHeaderRemove("Authorization");
            transforms.AddRequestHeaderRemove("X-Api-Key");
            transforms.AddReaderHeaders();
        });
    }

    // The pages themselves know what the reader's key allows, and act within it.
    public static void MapDashboardProxy(this WebApplication app)
    {
        app.MapReverseProxy(proxy => proxy.UseMiddleware<WebAwayPage>()).Needs(KeyScopes.Read).HasNoEnd();

        // The settings page shows them beside those of the other services. It cannot ask by itself: it has no key.
        app.MapGet(OwnSettings, (GatewaySettings own) => Results.Json(SettingsView.Of(own.All()), RestJson.Relaxed.SettingsView))
            .Needs(KeyScopes.Admin).ExcludeFromDescription();
    }
}
