using System.Text.Json.Serialization;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>
/// What the node reads of Ollama's replies besides chats. Sample of <c>/api/tags</c>:
/// <c>{"models":[{"name":"gemma2:2b","size":1629518495},{"name":"big:cloud","remote_host":"https://ollama.com:443"}]}</c>.
/// </summary>
internal sealed record OllamaModels(IReadOnlyList<OllamaModel>? Models);

internal sealed record OllamaModel(string? Name);

internal sealed record OllamaVersion(string? Version);

/// <summary>Sample of <c>/api/show</c>: <c>{"remote_model":"gpt-oss:120b","remote_host":"https://ollama.com:443"}</c>.</summary>
internal sealed record OllamaShown(string? RemoteModel, string? RemoteHost);

internal sealed record OllamaQuestion(string Model);

/// <summary>Sample: <c>{"error":"model 'gemma2:2b' not found"}</c>.</summary>
internal sealed record OllamaError(string? Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OllamaModels))]
[JsonSerializable(typeof(OllamaVersion))]
[JsonSerializable(typeof(OllamaShown))]
[JsonSerializable(typeof(OllamaQuestion))]
[JsonSerializable(typeof(OllamaError))]
internal sealed partial class OllamaJson : JsonSerializerContext;
