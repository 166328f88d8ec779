// MCP9005: the protocol of 2026-07-28 marks roots as deprecated, yet today's clients offer files in no other way.
#pragma warning disable MCP9005
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Files;

/// <summary>The folders that a client opened to this server.</summary>
internal static class ClientRoots
{
    private const string InputName = "roots";

    public static bool AreOffered(McpServer server) => server.ClientCapabilities?.Roots is not null;

    /// <summary>
    /// The folders. When the client has not named them yet, the call is ended with a request to do so; the client (or,
    /// with older ones, the SDK) repeats it with the answer.
    /// </summary>
    public static IReadOnlyList<string> Read(RequestContext<CallToolRequestParams> request)
    {
        if (request.Params.InputResponses?.TryGetValue(InputName, out var response) is not true)
        {
            throw new InputRequiredException(
                new Dictionary<string, InputRequest>
                {
                    [InputName] = InputRequest.ForRootsList(new ListRootsRequestParams()),
                });
        }

        var roots = response.Deserialize(InputResponse.ListRootsResultJsonTypeInfo)?.Roots ?? [];
        return
        [
            .. roots
                .Select(root => Uri.TryCreate(root.Uri, UriKind.Absolute, out var uri) && uri.IsFile ? uri.LocalPath : "")
                .Where(Path.IsPathFullyQualified),
        ];
    }
}
