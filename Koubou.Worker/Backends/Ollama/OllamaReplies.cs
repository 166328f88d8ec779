using System.Text.Json;
using System.Text.Json.Serialization;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>
/// What the node reads of Ollama's replies. Sample of <c>/api/tags</c>:
/// <c>{"models":[{"name":"gemma2:2b","size":1629518495},{"name":"big:cloud","remote_host":"https://ollama.com:443"}]}</c>;
/// in <c>/api/ps</c> each has a <c>context_length</c>.
/// </summary>
internal sealed record OllamaModels(IReadOnlyList<OllamaModel>? Models);

internal sealed record OllamaModel(string? Name, string? RemoteModel, string? RemoteHost, long? ContextLength)
{
    /// <summary>A cloud computes it.</summary>
    [JsonIgnore]
    public bool IsRemote => !string.IsNullOrEmpty(RemoteHost) || !string.IsNullOrEmpty(RemoteModel);
}

internal sealed record OllamaVersion(string? Version);

/// <summary>
/// Sample of <c>/api/show</c>: <c>{"parameters":"num_ctx 8192","model_info":{"gemma2.context_length":8192},
/// "remote_model":"gpt-oss:120b","remote_host":"https://ollama.com:443"}</c>.
/// </summary>
internal sealed record OllamaShown(
    string? RemoteModel, string? RemoteHost, string? Parameters, Dictionary<string, JsonElement>? ModelInfo)
{
    [JsonIgnore]
    public bool IsRemote => !string.IsNullOrEmpty(RemoteHost) || !string.IsNullOrEmpty(RemoteModel);
}

internal sealed record OllamaQuestion(string Model, bool? Stream = null);

/// <summary>
/// One line of <c>/api/chat</c>. Samples: <c>{"message":{"role":"assistant","content":"Hi"},"done":false}</c>,
/// <c>{"done":true,"done_reason":"stop","load_duration":1,"prompt_eval_count":26,"eval_count":298,"eval_duration":2}</c>,
/// <c>{"error":"llama runner process has terminated"}</c>. Durations are nanoseconds.
/// </summary>
internal sealed record OllamaChatLine(
    OllamaChatMessage? Message, bool Done, string? DoneReason, string? Model, string? RemoteModel, string? RemoteHost,
    string? Error, long LoadDuration, long PromptEvalCount, long EvalCount, long EvalDuration)
{
    [JsonIgnore]
    public bool IsRemote => !string.IsNullOrEmpty(RemoteHost) || !string.IsNullOrEmpty(RemoteModel);
}

internal sealed record OllamaChatMessage(string? Content);

/// <summary>Sample of <c>/api/pull</c>: <c>{"status":"pulling 7462734796d6","digest":"sha256:…","total":99,"completed":3}</c>.</summary>
internal sealed record OllamaPullLine(string? Status, string? Digest, long Total, long Completed, string? Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OllamaModels))]
[JsonSerializable(typeof(OllamaVersion))]
[JsonSerializable(typeof(OllamaShown))]
[JsonSerializable(typeof(OllamaQuestion))]
[JsonSerializable(typeof(OllamaChatLine))]
[JsonSerializable(typeof(OllamaPullLine))]
internal sealed partial class OllamaJson : JsonSerializerContext;
