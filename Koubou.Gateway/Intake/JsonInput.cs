using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Koubou.Gateway.Intake;

/// <summary>Small helps for reading JSON that strangers wrote.</summary>
internal static class JsonInput
{
    private const int ShownMax = 40;

    public static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = 64 };

    /// <summary>The reader's text; null when it is not valid Unicode, such as half a surrogate pair.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The element's text; null when it is not valid Unicode.</summary>
    public static string? Text(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// The value. Throws <see cref="InvalidOperationException"/> where a name in it is not valid Unicode: the element itself
    /// throws that only when somebody asks it for a member.
    /// </summary>
    public static JsonElement Element(ref Utf8JsonReader reader)
    {
        var element = JsonElement.ParseValue(ref reader);
        CheckNames(element);
        return element;
    }

    /// <summary>The value that a whole message is; null, and what is wrong with the message, when it is none.</summary>
    public static JsonElement? Parse(ReadOnlySpan<byte> message, out string fault)
    {
        fault = "";
        try
        {
            var element = JsonElement.Parse(message);
            CheckNames(element);
            return element;
        }
        catch (JsonException error)
        {
            fault = Explain(error);
        }
        catch (InvalidOperationException)
        {
            fault = "holds a name that is not valid Unicode";
        }

        return null;
    }

    private static void CheckNames(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                _ = member.Name;
                CheckNames(member.Value);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                CheckNames(item);
            }
        }
    }

    /// <summary>How a fault shows the value: <c>"high"</c>, <c>11</c>, <c>true</c>, <c>a list</c>, <c>an object</c>.</summary>
    public static string Show(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => $"\"{Shorten(Text(ref reader) ?? "…")}\"",
        JsonTokenType.Number => Shorten(Encoding.UTF8.GetString(
            reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan)),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.StartObject => "an object",
        _ => "null",
    };

    /// <summary>Says where and why text is not JSON, without the reader's own talk of options.</summary>
    public static string Explain(JsonException error) => string.Create(
        CultureInfo.InvariantCulture,
        $"is not JSON: the fault is in line {(error.LineNumber ?? 0) + 1}, byte {(error.BytePositionInLine ?? 0) + 1}");

    private static string Shorten(string text) => text.Length <= ShownMax ? text : text[..ShownMax] + "…";
}
