using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Mcp.Deferred;

/// <summary>
/// The tasks extension of the protocol (SEP-2663), "call now, fetch later": its names, and who may use it. The SDK at
/// hand has the hooks for it and not the thing.
/// </summary>
internal static class TasksExtension
{
    public const string Id = "io.modelcontextprotocol/tasks";
    public const string Get = "tasks/get";
    public const string Update = "tasks/update";
    public const string Cancel = "tasks/cancel";
    public const string TaskId = "taskId";

    private const string Since = "2026-07-28";

    /// <summary>Whether this request comes from a client that declared the extension.</summary>
    public static bool IsDeclared(JsonRpcRequest request) =>
        IsNewEnough(request) && request.Context?.ClientCapabilities?.Extensions?.ContainsKey(Id) is true;

    /// <summary>Refuses a request of the extension from a client that did not declare it.</summary>
    public static void Demand(JsonRpcRequest request)
    {
        if (!IsNewEnough(request))
        {
            throw new McpProtocolException(
                $"'{request.Method}' needs protocol version {Since} or later. Use the tools wait and get_result instead.",
                McpErrorCode.MethodNotFound);
        }

        if (!IsDeclared(request))
        {
            throw new MissingRequiredClientCapabilityException(
                new ClientCapabilities { Extensions = new Dictionary<string, object> { [Id] = new JsonObject() } },
                $"Declare the extension '{Id}' in the request's client capabilities, or use the tools wait and get_result.");
        }
    }

    private static bool IsNewEnough(JsonRpcRequest request) =>
        string.CompareOrdinal(request.Context?.ProtocolVersion, Since) >= 0;
}
