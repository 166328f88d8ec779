using System.Text;
using System.Text.Json;

namespace Koubou.Gateway.Mcp.Replies;

/// <summary>
/// Writes structured content as text that reads well and costs few tokens. It is made from the same JSON, so the two say
/// the same. Sample: <c>task:⏎  id: 0198…⏎  state: queued</c>.
/// </summary>
internal static class ReplyText
{
    public static string Of(JsonElement content)
    {
        var text = new StringBuilder();
        WriteMembers(text, content, indent: 0);
        return text.ToString().TrimEnd('\n');
    }

    private static void WriteMembers(StringBuilder text, JsonElement content, int indent)
    {
        foreach (var member in content.EnumerateObject().Where(member => !IsEmpty(member.Value)))
        {
            text.Append(' ', indent).Append(member.Name).Append(':');
            WriteValue(text, member.Value, indent);
        }
    }

    private static void WriteValue(StringBuilder text, JsonElement value, int indent)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('\n');
                WriteMembers(text, value, indent + 2);
                break;
            case JsonValueKind.Array:
                text.Append('\n');
                foreach (var item in value.EnumerateArray())
                {
                    WriteItem(text, item, indent + 2);
                }

                break;
            case JsonValueKind.String when value.GetString() is { } words && words.Contains('\n', StringComparison.Ordinal):
                // Not indented: whitespace matters in code, and costs tokens.
                text.Append(" <<<\n").Append(words).Append("\n>>>\n");
                break;
            default:
                text.Append(' ').Append(value).Append('\n');
                break;
        }
    }

    private static void WriteItem(StringBuilder text, JsonElement item, int indent)
    {
        text.Append(' ', indent).Append("- ");
        if (item.ValueKind != JsonValueKind.Object)
        {
            text.Append(item).Append('\n');
            return;
        }

        // The flat members share one line; what is nested or long follows on lines of its own.
        var members = item.EnumerateObject().Where(member => !IsEmpty(member.Value)).ToLookup(member => IsFlat(member.Value));
        text.AppendJoin(", ", members[true].Select(member => $"{member.Name}: {member.Value}")).Append('\n');
        foreach (var member in members[false])
        {
            text.Append(' ', indent + 2).Append(member.Name).Append(':');
            WriteValue(text, member.Value, indent + 2);
        }
    }

    private static bool IsFlat(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array => false,
        JsonValueKind.String => !value.GetString()!.Contains('\n', StringComparison.Ordinal),
        _ => true,
    };

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };
}
