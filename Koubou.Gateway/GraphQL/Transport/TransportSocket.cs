using System.Net.WebSockets;
using GraphQL;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Sockets;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.GraphQL.Transport;

/// <summary>Takes a WebSocket that wants to speak graphql-transport-ws.</summary>
internal static class TransportSocket
{
    private const string Protocol = "graphql-transport-ws";

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
        using var channel = new SocketChannel(
            socket, services.GetRequiredService<IOptions<IntakeOptions>>().Value.TaskBodyBytesMax);
        var session = new TransportSession(channel, executor, serializer, Caller.Of(context), options, time);
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
