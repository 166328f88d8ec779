using Koubou.Contracts;
using Koubou.Gateway.Tests.Mcp;
using Koubou.Gateway.Tests.Sockets;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Parity;

/// <summary>The doors by name.</summary>
internal static class Doors
{
    public const string Rest = "REST", GraphQl = "GraphQL", WebSocket = "WebSocket", Mcp = "MCP", Grpc = "gRPC";

    public static IReadOnlyList<string> Names { get; } = [Rest, GraphQl, WebSocket, Mcp, Grpc];

    /// <param name="name">Which door.</param>
    /// <param name="gateway">Where the first four are.</param>
    /// <param name="scheduler">Where the last one is.</param>
    /// <param name="caller">What the key allows, for the last one: it knows no keys.</param>
    /// <param name="headers">The key, for the first four.</param>
    public static async Task<IDoor> OpenAsync(
        string name, GatewayHost gateway, string scheduler, Caller? caller = null, params (string Name, string Value)[] headers) => name switch
    {
        Rest => new RestDoor(gateway.Http, headers),
        GraphQl => new GraphQlDoor(gateway.Http, headers),
        WebSocket => new SocketDoor(
            await SocketClient.ConnectAsync(gateway.WebSocket, headers), new RestDoor(gateway.Http, headers)),
        Mcp => new McpDoor(await gateway.ConnectAsync(headers: headers)),
        _ => new GrpcDoor(scheduler, caller),
    };
}
