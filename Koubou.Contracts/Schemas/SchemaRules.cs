using System.Text.Json;

namespace Koubou.Contracts.Schemas;

/// <summary>What makes a schema one: every keyword has the form that the standard gives it.</summary>
internal sealed class SchemaRules
{
    private const int FaultsMax = 20;
    private const int DepthMax = 64;

    private static readonly HashSet<string> Types =
        new(["null", "boolean", "object", "array", "number", "string", "integer"], StringComparer.Ordinal);

    private readonly SchemaReferences _references;
    private readonly List<string> _faults = [];
    private readonly List<(string Place, string Reference)> _referred = [];

    private SchemaRules(SchemaReferences references) => _references = references;

    public static List<string> FindFaults(JsonElement root, SchemaReferences references)
    {
        var rules = new SchemaRules(references);
        rules.Walk(root, "", 0);
        foreach (var (place, reference) in rules._referred)
        {
            if (!references.TryFind(reference, out _))
            {
                rules.Add(place, $"refers to '{reference}', which is not in this schema; other documents are not read");
            }
        }

        return rules._faults;
    }

    private void Walk(JsonElement schema, string place, int depth)
    {
        if (_faults.Count >= FaultsMax || schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return;
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            Add(place, "must be a schema: an object, true or false");
        }
        else if (depth > DepthMax)
        {
            Add(place, $"lies deeper than {DepthMax} schemas");
        }
        else
        {
            foreach (var keyword in schema.EnumerateObject())
            {
                Check(keyword.Name, keyword.Value, schema, $"{place}/{keyword.Name}", depth + 1);
            }
        }
    }

    private void Check(string keyword, JsonElement value, JsonElement schema, string place, int depth)
    {
        switch (keyword)
        {
            case "type":
                CheckType(value, place);
                break;
            case "enum":
                Demand(value.ValueKind == JsonValueKind.Array, place, "must be an array");
                break;
            case "multipleOf":
                Demand(value.ValueKind == JsonValueKind.Number && value.GetDouble() > 0, place, "must be a number above 0");
                break;
            case "maximum" or "minimum" or "exclusiveMaximum" or "exclusiveMinimum":
                Demand(value.ValueKind == JsonValueKind.Number, place, "must be a number");
                break;
            case "maxLength" or "minLength" or "maxItems" or "minItems" or "maxContains" or "minContains" or "maxProperties"
                or "minProperties":
                Demand(JsonNumbers.IsCount(value), place, "must be a whole number, 0 or more");
                break;
            case "pattern":
                Demand(value.ValueKind == JsonValueKind.String && SchemaPatterns.Find(value.GetString()!) is not null, place,
                    "must be a regular expression");
                break;
            case "uniqueItems":
                Demand(value.ValueKind is JsonValueKind.True or JsonValueKind.False, place, "must be true or false");
                break;
            case "required":
                CheckNames(value, place);
                break;
            case "$ref":
                CheckReference(value, place);
                break;
            case "$anchor":
                CheckAnchor(value, schema, place);
                break;
            // An id further in would give the references around it another meaning.
            case "$id" when depth > 1:
            case "$dynamicRef" or "$dynamicAnchor" or "$recursiveRef" or "unevaluatedItems" or "unevaluatedProperties":
                Add(place, $"'{keyword}' is not supported here");
                break;
            case "dependentRequired":
                WalkMembers(value, place, (member, at) => CheckNames(member, at));
                break;
            default:
                CheckSchemas(keyword, value, place, depth);
                break;
        }
    }

    // Keywords that hold schemas. Those that nobody knows are notes and hold what they like.
    private void CheckSchemas(string keyword, JsonElement value, string place, int depth)
    {
        switch (keyword)
        {
            case "additionalProperties" or "additionalItems" or "contains" or "propertyNames" or "not" or "if" or "then"
                or "else":
            case "items" when value.ValueKind != JsonValueKind.Array:
                Walk(value, place, depth);
                break;
            case "allOf" or "anyOf" or "oneOf" or "prefixItems" or "items":
                WalkItems(value, place, depth);
                break;
            case "properties" or "$defs" or "definitions" or "dependentSchemas":
                WalkMembers(value, place, (member, at) => Walk(member, at, depth));
                break;
            case "patternProperties":
                WalkPatterns(value, place, depth);
                break;
            case "dependencies":
                WalkMembers(value, place, (member, at) =>
                {
                    if (member.ValueKind == JsonValueKind.Array)
                    {
                        CheckNames(member, at);
                    }
                    else
                    {
                        Walk(member, at, depth);
                    }
                });
                break;
        }
    }

    private void CheckType(JsonElement value, string place)
    {
        var types = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value };
        Demand(
            types.Length > 0 && types.All(type => type.ValueKind == JsonValueKind.String && Types.Contains(type.GetString()!)),
            place, $"must be one or more of {string.Join(", ", Types)}");
    }

    private void CheckNames(JsonElement value, string place) => Demand(
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String),
        place, "must be an array of names");

    private void CheckReference(JsonElement value, string place)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            _referred.Add((place, value.GetString()!));
        }
        else
        {
            Add(place, "must be a reference such as #/$defs/name");
        }
    }

    private void CheckAnchor(JsonElement value, JsonElement schema, string place)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            _references.AddAnchor(value.GetString()!, schema);
        }
        else
        {
            Add(place, "must be a name");
        }
    }

    private void WalkItems(JsonElement value, string place, int depth)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            Add(place, "must be an array of at least one schema");
            return;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            Walk(item, $"{place}/{index++}", depth);
        }
    }

    private void WalkPatterns(JsonElement value, string place, int depth) => WalkMembers(value, place, (member, at) =>
        Walk(member, at, depth), name => Demand(SchemaPatterns.Find(name) is not null, place, $"'{name}' is no regular expression"));

    private void WalkMembers(
        JsonElement value, string place, Action<JsonElement, string> each, Action<string>? eachName = null)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Add(place, "must be an object");
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            eachName?.Invoke(member.Name);
            each(member.Value, $"{place}/{member.Name}");
        }
    }

    private void Demand(bool satisfied, string place, string fault)
    {
        if (!satisfied)
        {
            Add(place, fault);
        }
    }

    private void Add(string place, string fault)
    {
        if (_faults.Count < FaultsMax)
        {
            _faults.Add($"{(place.Length == 0 ? "#" : "#" + place)} {fault}");
        }
    }
}
