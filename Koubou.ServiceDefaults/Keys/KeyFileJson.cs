using System.Text.Json;
using System.Text.Json.Serialization;

namespace Koubou.ServiceDefaults.Keys;

/// <summary>Sample: <c>{"keys":[{"id":"7f3k2m9qab","name":"ci","hash":"…","rights":{"scopes":["submit","read"], …}}]}</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    Converters = [typeof(KeyScopesConverter)])]
[JsonSerializable(typeof(KeyFileContent))]
internal sealed partial class KeyFileJson : JsonSerializerContext
{
    internal sealed class KeyScopesConverter : JsonConverter<KeyScopes>
    {
        public override KeyScopes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var words = JsonSerializer.Deserialize(ref reader, KeyWordsJson.Default.StringArray) ?? [];
            return KeyScopeWords.TryParse(words, out var scopes, out var unknown)
                ? scopes
                : throw new JsonException($"'{unknown}' is no scope; scopes are {string.Join(", ", KeyScopeWords.All)}");
        }

        public override void Write(Utf8JsonWriter writer, KeyScopes value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.ToWords(), KeyWordsJson.Default.StringArray);
    }
}
