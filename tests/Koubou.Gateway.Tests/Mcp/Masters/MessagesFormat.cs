using System.Text.Json.Nodes;

namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>The Messages API, as Claude Code speaks it.</summary>
internal sealed class MessagesFormat : IMindFormat
{
    private const string ToolPrefix = "mcp__koubou__";

    public string Path => "/v1/messages";

    public bool IsConversation(JsonNode request) => request["tools"] is JsonArray tools
        && tools.Any(tool => ((string?)tool!["name"])?.StartsWith(ToolPrefix, StringComparison.Ordinal) is true);

    public IReadOnlyList<string> Results(JsonNode request) =>
        [.. Parts(request).Where(part => (string?)part["type"] == "tool_result").Select(part => Text(part["content"]))];

    public string Prompt(JsonNode request) => string.Join('\n', request["messages"]!.AsArray()
        .Where(message => (string?)message!["role"] == "user")
        .Select(message => Text(message!["content"])));

    public IEnumerable<JsonObject> Write(Move move, int number)
    {
        yield return Event("message_start", $$"""
            "message":{"id":"msg_{{number}}","type":"message","role":"assistant","model":"scripted","content":[],
            "stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":11,"output_tokens":1} }
            """);
        if (move is Move.Call call)
        {
            yield return Event("content_block_start", $$$"""
                "index":0,"content_block":{"type":"tool_use","id":"toolu_{{{number}}}","name":"{{{ToolPrefix}}}{{{call.Tool}}}","input":{}}
                """);
            yield return Event("content_block_delta", $$"""
                "index":0,"delta":{"type":"input_json_delta","partial_json":{{Quoted(call.Arguments)}}}
                """);
        }
        else if (move is Move.Say say)
        {
            yield return Event("content_block_start", """ "index":0,"content_block":{"type":"text","text":""} """);
            yield return Event("content_block_delta", $$"""
                "index":0,"delta":{"type":"text_delta","text":{{Quoted(say.Words)}}}
                """);
        }

        yield return Event("content_block_stop", "\"index\":0");
        yield return Event("message_delta", $$"""
            "delta":{"stop_reason":"{{(move is Move.Call ? "tool_use" : "end_turn")}}","stop_sequence":null},"usage":{"output_tokens":7}
            """);
        yield return Event("message_stop", "\"done\":true");
    }

    private static JsonObject Event(string type, string fields) =>
        JsonNode.Parse($$"""{"type":"{{type}}",{{fields}}}""")!.AsObject();

    private static string Quoted(string text) => JsonValue.Create(text).ToJsonString();

    private static IEnumerable<JsonNode> Parts(JsonNode request) => request["messages"]!.AsArray()
        .Select(message => message!["content"])
        .OfType<JsonArray>()
        .SelectMany(content => content)
        .OfType<JsonNode>();

    private static string Text(JsonNode? content) => content switch
    {
        JsonArray parts => string.Join('\n', parts.Select(part => (string?)part!["text"]).OfType<string>()),
        JsonValue words => words.GetValue<string>(),
        _ => "",
    };
}
