using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Resources;

/// <summary>Why a resource cannot be read, as the protocol says it: an error with a code.</summary>
internal static class ResourceProblems
{
    // The code moved with the protocol of 2026-07-28.
    private const string CodeMovedIn = "2026-07-28";

    public static McpProtocolException NotFound(McpServer server, string detail) => new(
        detail,
        string.CompareOrdinal(server.NegotiatedProtocolVersion, CodeMovedIn) >= 0
            ? McpErrorCode.InvalidParams
            : McpErrorCode.ResourceNotFound);
}
