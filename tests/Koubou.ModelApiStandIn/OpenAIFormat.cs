using System.Text.Json;

namespace Koubou.ModelApiStandIn;

/// <summary>Chat completions as OpenAI and its likes stream them: chunks as data lines, ended by <c>[DONE]</c>.</summary>
public sealed class OpenAIFormat : IWireFormat
{
    public string Name => "OpenAI";

    public string Prefix => "v1";

    public string ModelsPath => "/v1/models";

    public string ChatPath => "/v1/chat/completions";

    public string? KeyOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { Length: > 7 } header ? header["Bearer ".Length..] : null;

    public string PromptOf(JsonElement body)
    {
        var content = body.GetProperty("messages").EnumerateArray().Last().GetProperty("content");
        return content.ValueKind == JsonValueKind.String
            ? content.GetString()!
            : string.Concat(content.EnumerateArray().Select(part => part.GetProperty("text").GetString()));
    }

    public object ModelList(IEnumerable<string> models) => new
    {
        @object = "list",
        data = models.Select(id => new { id, @object = "model", created = 1_700_000_000, owned_by = "stand-in" }),
    };

    public object Error(int status, string code, string message) =>
        new { error = new { message, type = "invalid_request_error", param = (string?)null, code } };

    public IEnumerable<(string? Event, string Data)> Begin(string model, string prompt) =>
        [(null, Chunk(model, new { role = "assistant", content = "" }, finish: null))];

    public (string? Event, string Data) Piece(string model, string text) =>
        (null, Chunk(model, new { content = text }, finish: null));

    public IEnumerable<(string? Event, string Data)> End(string model, string prompt, int pieces, bool withUsage)
    {
        yield return (null, Chunk(model, new { }, "stop"));
        if (withUsage)
        {
            var words = prompt.Split(' ').Length;
            yield return (null, JsonSerializer.Serialize(new
            {
                id = "chatcmpl-1",
                @object = "chat.completion.chunk",
                created = 1_700_000_000,
                model,
                choices = Array.Empty<object>(),
                usage = new { prompt_tokens = words, completion_tokens = pieces, total_tokens = words + pieces },
            }));
        }

        yield return (null, "[DONE]");
    }

    public (string? Event, string Data) StreamError(string code, string message) =>
        (null, JsonSerializer.Serialize(new { error = new { message, type = "server_error", code } }));

    private static string Chunk(string model, object delta, string? finish) => JsonSerializer.Serialize(new
    {
        id = "chatcmpl-1",
        @object = "chat.completion.chunk",
        created = 1_700_000_000,
        model,
        choices = new[] { new { index = 0, delta, logprobs = (object?)null, finish_reason = finish } },
    });
}
