using System.Text.Json.Serialization;

namespace Koubou.Worker.Backends.ModelApis;

/// <summary>
/// What <c>/v1/models</c> answers, with all of these protocols alike. Sample:
/// <c>{"object":"list","data":[{"id":"qwen3-4b","object":"model"}]}</c>.
/// </summary>
internal sealed record ModelList(IReadOnlyList<ListedModel>? Data);

internal sealed record ListedModel(string? Id);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelList))]
internal sealed partial class ModelApiJson : JsonSerializerContext;
