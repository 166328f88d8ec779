using Koubou.Gateway.Keys;
using Koubou.Gateway.Mcp.Tools;
using Koubou.ServiceDefaults.Keys;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp;

/// <summary>
/// Who calls through MCP: the API key's name, else the client header's word, else the name that the MCP client gives
/// itself (<c>claude-code</c>), so that its results find it again in its next session.
/// </summary>
internal sealed class McpCaller(IHttpContextAccessor accessor, KeyRing keys)
{
    private const string Nameless = "mcp";
    private const int NameMax = 100;

    public Caller Of(McpServer server) => Of(server.ClientInfo);

    public Caller Of(Implementation? client) =>
        accessor.HttpContext is { } context && Caller.Named(context) is { } named
            ? named
            : new Caller(Clean(client?.Name) is { Length: > 0 } name ? name : Nameless, keys.IsRequired ? HeldKey.Nobody : null);

    /// <summary>Ends the request with an error when the caller's key does not grant this.</summary>
    public Caller Demand(Implementation? client, KeyScopes scope)
    {
        var caller = Of(client);
        return caller.Lacks(scope) is { } problem
            ? throw new McpProtocolException(ToolRefusal.Explain(problem), McpErrorCode.InvalidRequest)
            : caller;
    }

    // The name is a stranger's text: it becomes part of records and of one line of a journal.
    private static string Clean(string? name) =>
        string.Concat((name ?? "").Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)).Take(NameMax)).Trim();
}
