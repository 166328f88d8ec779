using System.Text;
using System.Text.Json.Nodes;

namespace Koubou.Cli.Mcp;

/// <summary>One message of the client, with what a bridge must know of it. It is passed on as it came.</summary>
/// <param name="Text">The message itself, one line of JSON.</param>
internal sealed record BridgedMessage(string Text)
{
    private const string VersionKey = "io.modelcontextprotocol/protocolVersion";

    /// <summary>Null for a response to the server.</summary>
    public string? Method { get; private init; }

    /// <summary>Null for a notification.</summary>
    public JsonNode? Id { get; private init; }

    /// <summary>The protocol version that the request itself names, as all do from 2026-07-28 on.</summary>
    public string? Version { get; private init; }

    /// <summary>What the request is about: a tool, a prompt, a resource or a task.</summary>
    public string? Name { get; private init; }

    /// <summary>The request that a cancellation is about.</summary>
    public JsonNode? CancelledId { get; private init; }

    public bool IsRequest => Method is not null && Id is not null;

    /// <summary>Reads a line. Throws <see cref="System.Text.Json.JsonException"/> where it is not JSON.</summary>
    public static BridgedMessage Parse(string line)
    {
        var fields = JsonNode.Parse(line) as JsonObject;
        var parameters = fields?["params"] as JsonObject;
        var method = Words(fields?["method"]);
        return new BridgedMessage(line)
        {
            Method = method,
            Id = fields?["id"],
            Version = Words((parameters?["_meta"] as JsonObject)?[VersionKey]),
            Name = method switch
            {
                "tools/call" or "prompts/get" => Words(parameters?["name"]),
                "resources/read" => Words(parameters?["uri"]),
                not null when method.StartsWith("tasks/", StringComparison.Ordinal) => Words(parameters?["taskId"]),
                _ => null,
            },
            CancelledId = method == "notifications/cancelled" ? parameters?["requestId"] : null,
        };
    }

    /// <summary>A header takes visible ASCII only; anything else goes as the protocol's Base64 form.</summary>
    public static string HeaderText(string text) =>
        text.Length > 0 && text.All(letter => letter is > ' ' and < (char)127) && !text.StartsWith("=?", StringComparison.Ordinal)
            ? text
            : $"=?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}?=";

    private static string? Words(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
