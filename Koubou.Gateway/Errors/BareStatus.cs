namespace Koubou.Gateway.Errors;

/// <summary>Sentences for a status that routing set without a body: mostly a wrong path or method.</summary>
internal static class BareStatus
{
    public const string Paths =
        "REST of v2.1: POST /task/delegate, GET /task/{id}/status. Native REST: /api/v1. WebSocket: /ws, or port 8766. "
        + "MCP: /mcp. GraphQL: /graphql. Dashboard: /dashboard. All endpoints, to read and to try: /docs.";

    public static Problem Explain(HttpContext context)
    {
        var request = context.Request;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Problems.OfStatus(
                StatusCodes.Status404NotFound,
                $"Nothing is served at {Problems.Shorten(request.Path.Value ?? "/")}.",
                Paths),
            StatusCodes.Status405MethodNotAllowed => Problems.OfStatus(
                StatusCodes.Status405MethodNotAllowed,
                $"{request.Method} is not possible at {Problems.Shorten(request.Path.Value ?? "/")}.",
                $"Possible: {context.Response.Headers.Allow}. All endpoints: /docs."),
            var status => Problems.OfStatus(status, "The request was refused.", Paths),
        };
    }
}
