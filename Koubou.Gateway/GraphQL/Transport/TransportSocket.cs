using System.Net.WebSockets;
using GraphQL;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Sockets;

namespace Koubou.Gateway.GraphQL.Transport;

/// <summary>Takes a WebSocket that wants to speak graphql-transport-ws.</summary>
internal static class TransportSocket
{
    private const string Protocol = "graphql-transport-ws";

    /// <summary>Whether this request opens such a socket.</summary>
    public static bool IsSpokenIn(HttpContext context) =>
        context.Request.Path.StartsWithSegments(GraphQlEndpoint.Path)
        && context.WebSockets.IsWebSocketRequest
        && context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol, StringComparer.Ordinal);

    /// <summary>Serves one client until it leaves.</summary>
    public static async Task RunAsync(
        HttpContext context,
        GraphQlExecutor executor,
        IGraphQLTextSerializer serializer,
        GraphQlOptions options,
        TimeProvider time)
    {
        var services = context.RequestServices;
        using var place = services.GetRequiredService<SocketGate>().Enter();
        if (place is null)
        {
            await Problems.SocketsFull().WriteAsync(context);
            return;
        }

        var spoken = context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol, StringComparer.Ordinal);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(spoken ? Protocol : null);
        using var channel = SocketChannel.Open(socket, services);
        using var pass = new SocketPass(context, services.GetRequiredService<KeyRing>());
        var session = new TransportSession(channel, executor, serializer, pass, options, time);
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await session.RunAsync(spoken, stopping, context.RequestAborted);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            // The session is over; a client that left without a goodbye cannot be told anything.
        }
    }
}
