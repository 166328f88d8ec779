using System.Globalization;
using System.Text.Json;

namespace Koubou.Contracts.Schemas;

/// <summary>Finds what <c>$ref</c> points to inside one document: <c>#</c>, <c>#/$defs/name</c>, <c>#anchor</c>.</summary>
internal sealed class SchemaReferences(JsonElement root)
{
    private readonly Dictionary<string, JsonElement> _anchors = new(StringComparer.Ordinal);

    public void AddAnchor(string name, JsonElement schema) => _anchors[name] = schema;

    public bool TryFind(string reference, out JsonElement schema)
    {
        schema = root;
        if (!reference.StartsWith('#'))
        {
            return false;
        }

        var pointer = Uri.UnescapeDataString(reference[1..]);
        return pointer.Length == 0
            || (pointer[0] == '/' ? TryWalk(pointer, ref schema) : _anchors.TryGetValue(pointer, out schema));
    }

    private static bool TryWalk(string pointer, ref JsonElement place)
    {
        foreach (var part in pointer[1..].Split('/'))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (place.ValueKind == JsonValueKind.Object && place.TryGetProperty(name, out var member))
            {
                place = member;
            }
            else if (place.ValueKind == JsonValueKind.Array
                && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && index < place.GetArrayLength())
            {
                place = place[index];
            }
            else
            {
                return false;
            }
        }

        return place.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;
    }
}
