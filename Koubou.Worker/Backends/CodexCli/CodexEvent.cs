using System.Text.Json.Serialization;

namespace Koubou.Worker.Backends.CodexCli;

/// <summary>One line of <c>codex exec --json</c>. Unknown kinds and fields are passed over.</summary>
internal sealed record CodexEvent(
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("item")] CodexItem? Item,
    [property: JsonPropertyName("usage")] CodexUsage? Usage,
    [property: JsonPropertyName("error")] CodexError? Error,
    [property: JsonPropertyName("message")] string? Message);

/// <summary>Something that Codex did or said.</summary>
internal sealed record CodexItem(
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("text")] string? Text,
    [property: JsonPropertyName("message")] string? Message,
    [property: JsonPropertyName("command")] string? Command,
    [property: JsonPropertyName("aggregated_output")] string? Output,
    [property: JsonPropertyName("exit_code")] int? ExitCode,
    [property: JsonPropertyName("server")] string? Server,
    [property: JsonPropertyName("tool")] string? Tool,
    [property: JsonPropertyName("query")] string? Query,
    [property: JsonPropertyName("changes")] IReadOnlyList<CodexChange>? Changes);

internal sealed record CodexChange(
    [property: JsonPropertyName("path")] string? Path, [property: JsonPropertyName("kind")] string? Kind);

internal sealed record CodexUsage(
    [property: JsonPropertyName("input_tokens")] long Input, [property: JsonPropertyName("output_tokens")] long Output);

internal sealed record CodexError([property: JsonPropertyName("message")] string? Message);

[JsonSerializable(typeof(CodexEvent))]
[JsonSerializable(typeof(IEnumerable<string>))]
internal sealed partial class CodexJson : JsonSerializerContext;
