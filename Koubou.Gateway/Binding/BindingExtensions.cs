using Koubou.ServiceDefaults.Settings;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Koubou.Gateway.Binding;

/// <summary>Opens the doors.</summary>
internal static class BindingExtensions
{
    /// <summary>Listens where configuration says; what others can reach, the keys guard.</summary>
    public static void AddDoors(this WebApplicationBuilder builder)
    {
        var plan = DoorPlan.Read(builder.Configuration);

        // The plan names every address; left in place, Kestrel would warn that these are overridden. An empty list of
        // them is a lone separator: an empty text would let ASPNETCORE_URLS through again.
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, ";");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (var address in plan.Addresses)
            {
                kestrel.Open(address);
            }
        });

        builder.Services.AddSingleton(plan);
        builder.Services.AddSingleton<OwnPorts>();
        builder.Services.AddOptions<OriginOptions>().BindSettings(OriginOptions.Section);
    }

    /// <summary>Refuses foreign Host and Origin headers.</summary>
    public static void UseDoors(this WebApplication app)
    {
        app.UseMiddleware<HostGuard>();
        app.UseMiddleware<OriginGuard>();
    }

    /// <summary>The door that this request came in by.</summary>
    public static Door Door(this HttpContext context) => context.Features.Get<DoorFeature>()?.Door ?? Binding.Door.Main;

    private static void Open(this KestrelServerOptions kestrel, DoorAddress address)
    {
        void Configure(ListenOptions listen)
        {
            if (address.Scheme == "https")
            {
                listen.UseHttps();
            }

            var feature = new DoorFeature(address.Door);
            listen.Use(next => connection =>
            {
                connection.Features.Set(feature);
                return next(connection);
            });
        }

        if (address is { Host: "localhost", Port: not 0 })
        {
            kestrel.ListenLocalhost(address.Port, Configure);
        }
        else if (address.IsLoopback && !IPAddress.TryParse(address.Host.Trim('[', ']'), out _))
        {
            kestrel.Listen(IPAddress.Loopback, address.Port, Configure);
        }
        else if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            kestrel.Listen(ip, address.Port, Configure);
        }
        else
        {
            kestrel.ListenAnyIP(address.Port, Configure);
        }
    }
}
