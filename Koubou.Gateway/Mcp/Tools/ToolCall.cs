using Koubou.Gateway.Keys;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>One call of a tool.</summary>
internal sealed class ToolCall(RequestContext<CallToolRequestParams> request, Caller caller)
{
    public RequestContext<CallToolRequestParams> Request { get; } = request;

    public Caller Caller { get; } = caller;

    public ToolArguments Arguments { get; } = new(request.Params.Arguments);

    /// <summary>Results that this reply shows itself; they need not be listed as unread beside it.</summary>
    public HashSet<string> Shown { get; } = new(StringComparer.Ordinal);
}
