using System.Text.Json;

namespace Koubou.Gateway.Rest.Views;

/// <summary>JSON that is kept as text, shown as JSON.</summary>
internal static class RawJson
{
    /// <summary>The value; null for an empty text; a JSON text for what is not JSON.</summary>
    public static JsonElement? Parse(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonElement.Parse($"\"{JsonEncodedText.Encode(text)}\"");
        }
    }

    /// <summary>An object of values that are kept as JSON texts; null when there are none.</summary>
    public static JsonElement? Object(IReadOnlyDictionary<string, string> values) => values.Count == 0
        ? null
        : JsonSerializer.SerializeToElement(values.ToDictionary(pair => pair.Key, pair => Parse(pair.Value)));
}
