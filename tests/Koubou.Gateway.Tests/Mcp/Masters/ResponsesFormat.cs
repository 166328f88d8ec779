using System.Text.Json.Nodes;

namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>The Responses API, as Codex speaks it.</summary>
internal sealed class ResponsesFormat : IMindFormat
{
    public string Path => "/v1/responses";

    public bool IsConversation(JsonNode request) =>
        request["tools"]!.AsArray().Any(tool => (string?)tool!["name"] == "mcp__koubou");

    public IReadOnlyList<string> Results(JsonNode request) =>
    [
        .. request["input"]!.AsArray()
            .Where(item => (string?)item!["type"] == "function_call_output")
            .Select(item => Text(item!["output"])),
    ];

    public string Prompt(JsonNode request) => string.Join('\n', request["input"]!.AsArray()
        .Where(item => (string?)item!["role"] == "user")
        .Select(item => Text(item!["content"])));

    public IEnumerable<JsonObject> Write(Move move, int number)
    {
        yield return Event("response.created", $$"""{"response":{"id":"r{{number}}"} }""");
        yield return Event("response.output_item.done", $$"""{"output_index":0,"item":{{Item(move, number)}}}""");
        yield return Event("response.completed", $$$"""
            {"response":{"id":"r{{{number}}}","usage":{"input_tokens":11,"input_tokens_details":{"cached_tokens":0},
            "output_tokens":7,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":18} } }
            """);
    }

    private static string Item(Move move, int number) => (move switch
    {
        Move.Call call => new JsonObject
        {
            ["type"] = "function_call",
            ["id"] = $"fc{number}",
            ["call_id"] = $"call{number}",
            ["namespace"] = "mcp__koubou",
            ["name"] = call.Tool,
            ["arguments"] = call.Arguments,
        },
        Move.Say say => new JsonObject
        {
            ["type"] = "message",
            ["id"] = $"msg{number}",
            ["role"] = "assistant",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = say.Words }),
        },
        _ => throw new InvalidOperationException($"{move} is no move."),
    }).ToJsonString();

    private static JsonObject Event(string type, string fields)
    {
        var content = JsonNode.Parse(fields)!.AsObject();
        content["type"] = type;
        return content;
    }

    private static string Text(JsonNode? content) => content switch
    {
        JsonArray parts => string.Join('\n', parts.Select(part => (string?)part!["text"]).OfType<string>()),
        JsonValue words => words.GetValue<string>(),
        _ => "",
    };
}
