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
}
