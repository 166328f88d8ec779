using Koubou.Gateway.Errors;
using Koubou.Gateway.Mcp.Replies;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>A reply, or the problem that stood in its way.</summary>
/// <param name="Reply">What the tool answers.</param>
/// <param name="Problem">Why it does not.</param>
/// <param name="Link">Where the client can read what the reply had no room for.</param>
internal readonly record struct ToolOutcome<TReply>(TReply? Reply, Problem? Problem, ResourceLinkBlock? Link = null)
    where TReply : Reply
{
    public static implicit operator ToolOutcome<TReply>(TReply reply) => new(reply, null);

    public static implicit operator ToolOutcome<TReply>(Problem problem) => new(null, problem);
}
