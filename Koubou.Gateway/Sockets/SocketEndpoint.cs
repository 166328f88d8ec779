using System.Net.WebSockets;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Events;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Patience;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Sockets;

/// <summary>The WebSocket of v2.1: the root of port 8766, and <c>/ws</c> on every port.</summary>
internal static class SocketEndpoint
{
    public const string Path = "/ws";

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    public static void AddSockets(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SocketGate>();
        builder.Services.Configure<WebSocketOptions>(options =>
        {
            options.KeepAliveInterval = KeepAlive;
            options.KeepAliveTimeout = KeepAlive * 2;
        });
    }

    public static void MapSockets(this WebApplication app) => app.MapGet(Path, RunAsync).ExcludeFromDescription().HasNoEnd();

    /// <summary>Serves one client until it leaves.</summary>
    public static async Task RunAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await Problems.OfStatus(
                StatusCodes.Status426UpgradeRequired,
                "Only WebSocket is spoken here.",
                $"Connect with ws://{context.Request.Host}{context.Request.Path}. {BareStatus.Paths}").WriteAsync(context);
            return;
        }

        var services = context.RequestServices;
        using var place = services.GetRequiredService<SocketGate>().Enter();
        if (place is null)
        {
            await Problems.SocketsFull().WriteAsync(context);
            return;
        }

        var faults = new FaultList();
        var wanted = WatchWish.Read(context.Request, faults);
        if (faults.Any)
        {
            await Problems.InvalidRequest(faults).WriteAsync(context);
            return;
        }

        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var channel = SocketChannel.Open(socket, services);
        var session = new SocketSession(
            channel,
            new SocketWatch(
                channel, services.GetRequiredService<ChangeWatch>(), services.GetRequiredService<Snapshots>(), wanted),
            services.GetRequiredService<TaskIntake>(),
            services.GetRequiredService<TaskQueue.TaskQueueClient>(),
            services.GetRequiredService<CallLimits>(),
            Caller.Of(context));
        try
        {
            await session.RunAsync(stopping, context.RequestAborted);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            // The session is over; a client that left without a goodbye cannot be told anything.
        }
    }
}
