using Koubou.Gateway.Errors;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Binding;

/// <summary>
/// A browser says which page a request comes from. Pages of other origins may neither change anything nor open a
/// WebSocket, which no same-origin policy would stop. Programs send no Origin and pass.
/// </summary>
internal sealed class OriginGuard(RequestDelegate next, OwnPorts ports, IOptions<OriginOptions> options)
{
    private readonly HashSet<string> _allowed =
        new(options.Value.AllowedOrigins.Select(origin => origin.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        return origin.Length == 0 || IsHarmless(context) || IsOwn(origin, context.Request.Host) || _allowed.Contains(origin)
            ? next(context)
            : Problems.ForeignOrigin(origin).WriteForDoorAsync(context);
    }

    // MCP asks for the check on every request, because its GET opens a stream of a session.
    private static bool IsHarmless(HttpContext context) =>
        !context.WebSockets.IsWebSocketRequest
        && !context.Request.Path.StartsWithSegments(Mcp.McpEndpoint.Path)
        && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method));

    // The same host at another of our ports is our own page too: the dashboard on 8765 opens a socket on 8766.
    private bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && (page.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase)
            || (page.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase) && ports.Contains(page.Port)));
}
