using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Koubou.Worker.Backends.AgentCli;

/// <summary>
/// Picks texts out of a JSON line: <c>result</c>, <c>message.content[].text</c>, or with a condition
/// <c>type=result: result</c>.
/// </summary>
internal sealed class JsonPick
{
    private readonly string[] _path;
    private readonly (string[] Path, string Value)[] _conditions;

    private JsonPick(string[] path, (string[] Path, string Value)[] conditions)
    {
        _path = path;
        _conditions = conditions;
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPick? pick)
    {
        pick = null;
        var parts = text.Split(": ", 2);
        var conditions = new List<(string[], string)>();
        foreach (var condition in parts.Length == 1 ? [] : parts[0].Split(','))
        {
            if (condition.Split('=', 2) is not [var where, var value] || !TryReadPath(where.Trim(), out var at))
            {
                return false;
            }

            conditions.Add((at, value.Trim()));
        }

        if (!TryReadPath(parts[^1].Trim(), out var path))
        {
            return false;
        }

        pick = new JsonPick(path, [.. conditions]);
        return true;
    }

    /// <summary>Null: nothing is to be picked.</summary>
    public static JsonPick? Parse(string text) => text.Length > 0 && TryParse(text, out var pick) ? pick : null;

    /// <summary>The texts at the path, numbers and JSON as they are written; none where the condition does not hold.</summary>
    public IEnumerable<string> From(JsonElement line) =>
        _conditions.All(condition => Walk(line, condition.Path, 0).Select(Text).Contains(condition.Value))
            ? Walk(line, _path, 0).Where(found => found.ValueKind != JsonValueKind.Null).Select(Text)
            : [];

    private static bool TryReadPath(string text, out string[] path)
    {
        path = text.Replace("[]", ".[]", StringComparison.Ordinal).Split('.');
        return path.All(part => part.Length > 0);
    }

    private static IEnumerable<JsonElement> Walk(JsonElement place, string[] path, int step)
    {
        if (step == path.Length)
        {
            return [place];
        }

        if (path[step] == "[]")
        {
            return place.ValueKind == JsonValueKind.Array
                ? place.EnumerateArray().SelectMany(item => Walk(item, path, step + 1))
                : [];
        }

        return place.ValueKind == JsonValueKind.Object && place.TryGetProperty(path[step], out var member)
            ? Walk(member, path, step + 1)
            : [];
    }

    private static string Text(JsonElement found) =>
        found.ValueKind == JsonValueKind.String ? found.GetString()! : found.GetRawText();
}
