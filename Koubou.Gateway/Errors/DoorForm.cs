using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Gateway.GraphQL.Errors;
using Koubou.Gateway.GraphQL.Transport;
using Koubou.Gateway.Mcp;
using Koubou.Gateway.Mcp.Tools;

namespace Koubou.Gateway.Errors;

/// <summary>Writes a refusal that came before a door looked at the request, in the form that its clients read.</summary>
internal static class DoorForm
{
    // The protocol leaves this range to servers.
    private const int Refused = -32001;

    /// <summary>Problem details; for GraphQL an <c>errors</c> list, for MCP a JSON-RPC error. The status is the same.</summary>
    public static Task WriteForDoorAsync(this Problem problem, HttpContext context)
    {
        var path = context.Request.Path;
        if (path.StartsWithSegments(McpEndpoint.Path))
        {
            return WriteAsync(context, problem, "application/json", McpForm(problem));
        }

        return path.StartsWithSegments(GraphQlEndpoint.Path) && Accepted.Of(context.Request) is { MediaType: not Accepted.Page } accepted
            ? WriteAsync(
                context,
                problem,
                accepted.MediaType == Accepted.Stream ? Accepted.Json : accepted.MediaType,
                JsonSerializer.Serialize(GraphQlForm(problem)))
            : problem.WriteAsync(context);
    }

    // Sample: {"errors":[{"message":"…","extensions":{"code":"key_required","status":401,"hint":"…"}}]}
    private static Dictionary<string, object> GraphQlForm(Problem problem) => new Dictionary<string, object>
    {
        ["errors"] = new[]
        {
            new Dictionary<string, object>
            {
                ["message"] = ProblemError.Sentence(problem),
                ["extensions"] = ProblemError.Describe(problem),
            },
        },
    };

    // Without an id, because the message was not read. Sample: {"jsonrpc":"2.0","error":{"code":-32001,"message":"…"}}
    private static string McpForm(Problem problem) => new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["error"] = new JsonObject
        {
            ["code"] = Refused,
            ["message"] = ToolRefusal.Explain(problem),
            ["data"] = new JsonObject { ["type"] = problem.Type, ["status"] = problem.Status },
        },
    }.ToJsonString();

    private static Task WriteAsync(HttpContext context, Problem problem, string mediaType, string json)
    {
        problem.SetHeaders(context.Response);
        context.Response.ContentType = $"{mediaType}; charset=utf-8";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }
}
