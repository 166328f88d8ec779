using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Koubou.Gateway.Mcp.Replies;

/// <summary>
/// The structured content of every tool, in snake_case. What is not there is left out: Claude Code and Codex give their
/// model this JSON, and a null costs as many tokens as a word.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Delegated))]
[JsonSerializable(typeof(DelegatedMany))]
[JsonSerializable(typeof(Waited))]
[JsonSerializable(typeof(GotResult))]
[JsonSerializable(typeof(Listed))]
[JsonSerializable(typeof(Changed))]
[JsonSerializable(typeof(WorkshopReply))]
internal sealed partial class ReplyJson : JsonSerializerContext
{
    /// <summary>Writes Japanese and code as they are.</summary>
    public static ReplyJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
