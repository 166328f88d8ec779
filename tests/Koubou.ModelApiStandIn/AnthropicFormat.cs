using System.Text.Json;

namespace Koubou.ModelApiStandIn;

/// <summary>Messages as Anthropic streams them: named events from <c>message_start</c> to <c>message_stop</c>.</summary>
public sealed class AnthropicFormat : IWireFormat
{
    public string Name => "Anthropic";

    public string Prefix => "";

    public string ModelsPath => "/v1/models";

    public string ChatPath => "/v1/messages";

    public string? KeyOf(HttpRequest request) => request.Headers["x-api-key"].FirstOrDefault();

    public string PromptOf(JsonElement body)
    {
        var content = body.GetProperty("messages").EnumerateArray().Last().GetProperty("content");
        return content.ValueKind == JsonValueKind.String
            ? content.GetString()!
            : string.Concat(content.EnumerateArray().Select(part => part.GetProperty("text").GetString()));
    }

    public object ModelList(IEnumerable<string> models) => new
    {
        data = models.Select(id => new { type = "model", id, display_name = id, created_at = "2026-01-01T00:00:00Z" }),
        has_more = false,
        first_id = (string?)null,
        last_id = (string?)null,
    };

    public object Error(int status, string code, string message) =>
        new { type = "error", error = new { type = code, message }, request_id = "req_1" };

    public IEnumerable<(string? Event, string Data)> Begin(string model, string prompt) =>
    [
        Event("message_start", new
        {
            type = "message_start",
            message = new
            {
                id = "msg_1",
                type = "message",
                role = "assistant",
                model,
                content = Array.Empty<object>(),
                stop_reason = (string?)null,
                stop_sequence = (string?)null,
                usage = new { input_tokens = prompt.Split(' ').Length, output_tokens = 1 },
            },
        }),
        Event("content_block_start", new
        {
            type = "content_block_start",
            index = 0,
            content_block = new { type = "text", text = "" },
        }),
        Event("ping", new { type = "ping" }),
    ];

    public (string? Event, string Data) Piece(string model, string text) => Event("content_block_delta", new
    {
        type = "content_block_delta",
        index = 0,
        delta = new { type = "text_delta", text },
    });

    public IEnumerable<(string? Event, string Data)> End(string model, string prompt, int pieces, bool withUsage) =>
    [
        Event("content_block_stop", new { type = "content_block_stop", index = 0 }),
        Event("message_delta", new
        {
            type = "message_delta",
            delta = new { stop_reason = "end_turn", stop_sequence = (string?)null },
            usage = new { output_tokens = pieces },
        }),
        Event("message_stop", new { type = "message_stop" }),
    ];

    public (string? Event, string Data) StreamError(string code, string message) =>
        Event("error", new { type = "error", error = new { type = code, message } });

    private static (string? Event, string Data) Event(string name, object data) => (name, JsonSerializer.Serialize(data));
}
