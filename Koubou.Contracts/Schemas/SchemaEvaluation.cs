using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Koubou.Contracts.Schemas;

/// <summary>Holds one value against a schema. Faults name the value's place as a JSON pointer.</summary>
internal sealed class SchemaEvaluation(SchemaReferences references)
{
    private const int FaultsMax = 20;

    // References may go round in circles without ever coming to a smaller value.
    private const int DepthMax = 256;

    private readonly List<string> _faults = [];
    private int _depth;

    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Adds the faults of the value; true when it has none.</summary>
    public bool Check(JsonElement schema, JsonElement value, string place)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True || Add(place, "is not allowed");
        }

        if (++_depth > DepthMax)
        {
            _depth--;
            return Add(place, $"leads deeper than {DepthMax} schemas");
        }

        var before = _faults.Count;
        foreach (var keyword in schema.EnumerateObject())
        {
            CheckAny(keyword.Name, keyword.Value, schema, value, place);
            switch (value.ValueKind)
            {
                case JsonValueKind.Number:
                    CheckNumber(keyword.Name, keyword.Value, value, place);
                    break;
                case JsonValueKind.String:
                    CheckText(keyword.Name, keyword.Value, value.GetString()!, place);
                    break;
                case JsonValueKind.Array:
                    CheckArray(keyword.Name, keyword.Value, schema, value, place);
                    break;
                case JsonValueKind.Object:
                    CheckObject(keyword.Name, keyword.Value, schema, value, place);
                    break;
            }
        }

        _depth--;
        return _faults.Count == before;
    }

    private void CheckAny(string keyword, JsonElement wanted, JsonElement schema, JsonElement value, string place)
    {
        switch (keyword)
        {
            case "$ref":
                references.TryFind(wanted.GetString()!, out var target);
                Check(target, value, place);
                break;
            case "type":
                CheckType(wanted, value, place);
                break;
            case "enum":
                Demand(wanted.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)), place,
                    $"must be one of {Short(wanted)}");
                break;
            case "const":
                Demand(JsonElement.DeepEquals(wanted, value), place, $"must be {Short(wanted)}");
                break;
            case "allOf":
                foreach (var each in wanted.EnumerateArray())
                {
                    Check(each, value, place);
                }

                break;
            case "anyOf":
                Demand(wanted.EnumerateArray().Any(each => Satisfies(each, value)), place,
                    "satisfies none of the schemas in anyOf");
                break;
            case "oneOf":
                var satisfied = wanted.EnumerateArray().Count(each => Satisfies(each, value));
                Demand(satisfied == 1, place, $"must satisfy exactly one of the schemas in oneOf; it satisfies {satisfied}");
                break;
            case "not":
                Demand(!Satisfies(wanted, value), place, "satisfies what the schema excludes with not");
                break;
            case "if" when schema.TryGetProperty(Satisfies(wanted, value) ? "then" : "else", out var branch):
                Check(branch, value, place);
                break;
        }
    }

    private void CheckNumber(string keyword, JsonElement wanted, JsonElement value, string place)
    {
        switch (keyword)
        {
            case "minimum":
                Demand(JsonNumbers.Compare(value, wanted) >= 0, place, $"must be {wanted} or more");
                break;
            case "maximum":
                Demand(JsonNumbers.Compare(value, wanted) <= 0, place, $"must be {wanted} or less");
                break;
            case "exclusiveMinimum":
                Demand(JsonNumbers.Compare(value, wanted) > 0, place, $"must be more than {wanted}");
                break;
            case "exclusiveMaximum":
                Demand(JsonNumbers.Compare(value, wanted) < 0, place, $"must be less than {wanted}");
                break;
            case "multipleOf":
                Demand(JsonNumbers.IsMultiple(value, wanted), place, $"must be a multiple of {wanted}");
                break;
        }
    }

    private void CheckText(string keyword, JsonElement wanted, string value, string place)
    {
        switch (keyword)
        {
            case "minLength":
                Demand(Length(value) >= JsonNumbers.Count(wanted), place, $"must have {wanted} characters or more");
                break;
            case "maxLength":
                Demand(Length(value) <= JsonNumbers.Count(wanted), place, $"must have {wanted} characters or less");
                break;
            case "pattern":
                Demand(Matches(wanted.GetString()!, value), place, $"must match the pattern {wanted}");
                break;
        }
    }

    private void CheckArray(string keyword, JsonElement wanted, JsonElement schema, JsonElement value, string place)
    {
        switch (keyword)
        {
            case "minItems":
                Demand(value.GetArrayLength() >= JsonNumbers.Count(wanted), place, $"must have {wanted} items or more");
                break;
            case "maxItems":
                Demand(value.GetArrayLength() <= JsonNumbers.Count(wanted), place, $"must have {wanted} items or less");
                break;
            case "uniqueItems" when wanted.ValueKind == JsonValueKind.True:
                Demand(AreUnique(value), place, "must not have the same item twice");
                break;
            case "prefixItems":
            case "items" when wanted.ValueKind == JsonValueKind.Array:
                CheckPrefix(wanted, value, place);
                break;
            case "items":
                CheckRest(wanted, value, place, Prefix(schema, "prefixItems"));
                break;
            case "additionalItems" when Prefix(schema, "items") is > 0 and var prefix:
                CheckRest(wanted, value, place, prefix);
                break;
            case "contains":
                CheckContains(wanted, schema, value, place);
                break;
        }
    }

    private void CheckObject(string keyword, JsonElement wanted, JsonElement schema, JsonElement value, string place)
    {
        switch (keyword)
        {
            case "minProperties":
                Demand(value.GetPropertyCount() >= JsonNumbers.Count(wanted), place, $"must have {wanted} members or more");
                break;
            case "maxProperties":
                Demand(value.GetPropertyCount() <= JsonNumbers.Count(wanted), place, $"must have {wanted} members or less");
                break;
            case "required":
                CheckRequired(wanted, value, place);
                break;
            case "properties":
                foreach (var property in wanted.EnumerateObject())
                {
                    if (value.TryGetProperty(property.Name, out var member))
                    {
                        Check(property.Value, member, Join(place, property.Name));
                    }
                }

                break;
            case "patternProperties":
                foreach (var member in value.EnumerateObject())
                {
                    foreach (var pattern in wanted.EnumerateObject().Where(each => Matches(each.Name, member.Name)))
                    {
                        Check(pattern.Value, member.Value, Join(place, member.Name));
                    }
                }

                break;
            case "additionalProperties":
                foreach (var member in value.EnumerateObject().Where(each => !IsNamed(schema, each.Name)))
                {
                    Check(wanted, member.Value, Join(place, member.Name));
                }

                break;
            case "propertyNames":
                foreach (var member in value.EnumerateObject())
                {
                    Check(wanted, JsonSerializer.SerializeToElement(member.Name), Join(place, member.Name));
                }

                break;
            case "dependentRequired" or "dependentSchemas" or "dependencies":
                CheckDependent(wanted, value, place);
                break;
        }
    }

    private void CheckType(JsonElement wanted, JsonElement value, string place)
    {
        var fits = wanted.ValueKind == JsonValueKind.Array
            ? wanted.EnumerateArray().Any(type => IsOfType(type.GetString()!, value))
            : IsOfType(wanted.GetString()!, value);
        Demand(fits, place, $"must be of the type {Short(wanted)}");
    }

    private void CheckPrefix(JsonElement schemas, JsonElement value, string place)
    {
        var index = 0;
        foreach (var (schema, item) in schemas.EnumerateArray().Zip(value.EnumerateArray()))
        {
            Check(schema, item, Join(place, $"{index++}"));
        }
    }

    private void CheckRest(JsonElement schema, JsonElement value, string place, int prefix)
    {
        var index = prefix;
        foreach (var item in value.EnumerateArray().Skip(prefix))
        {
            Check(schema, item, Join(place, $"{index++}"));
        }
    }

    private void CheckContains(JsonElement wanted, JsonElement schema, JsonElement value, string place)
    {
        var count = value.EnumerateArray().Count(item => Satisfies(wanted, item));
        var min = schema.TryGetProperty("minContains", out var least) ? JsonNumbers.Count(least) : 1;
        var max = schema.TryGetProperty("maxContains", out var most) ? JsonNumbers.Count(most) : int.MaxValue;
        Demand(count >= min && count <= max, place, "does not have the right number of items that satisfy contains");
    }

    private void CheckRequired(JsonElement names, JsonElement value, string place)
    {
        foreach (var name in names.EnumerateArray().Select(name => name.GetString()!))
        {
            Demand(value.TryGetProperty(name, out _), place, $"lacks the member '{name}'");
        }
    }

    private void CheckDependent(JsonElement wanted, JsonElement value, string place)
    {
        foreach (var each in wanted.EnumerateObject().Where(each => value.TryGetProperty(each.Name, out _)))
        {
            if (each.Value.ValueKind == JsonValueKind.Array)
            {
                CheckRequired(each.Value, value, place);
            }
            else
            {
                Check(each.Value, value, place);
            }
        }
    }

    // Tried without leaving faults behind.
    private bool Satisfies(JsonElement schema, JsonElement value)
    {
        var attempt = new SchemaEvaluation(references) { _depth = _depth };
        return attempt.Check(schema, value, "");
    }

    private static bool IsNamed(JsonElement schema, string name) =>
        (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out _))
        || (schema.TryGetProperty("patternProperties", out var patterns)
            && patterns.EnumerateObject().Any(pattern => Matches(pattern.Name, name)));

    private static int Prefix(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var prefix) && prefix.ValueKind == JsonValueKind.Array ? prefix.GetArrayLength() : 0;

    private static bool IsOfType(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => JsonNumbers.IsWhole(value),
        _ => value.ValueKind == JsonValueKind.String,
    };

    private static bool AreUnique(JsonElement value)
    {
        var items = value.EnumerateArray().ToArray();
        for (var index = 1; index < items.Length; index++)
        {
            if (items.Take(index).Any(before => JsonElement.DeepEquals(before, items[index])))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Matches(string pattern, string text)
    {
        try
        {
            return SchemaPatterns.Find(pattern)!.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static int Length(string text) => text.EnumerateRunes().Count();

    private static string Join(string place, string name) =>
        $"{place}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    private static string Short(JsonElement element) =>
        element.GetRawText() is { Length: > 200 } text ? text[..200] + "…" : element.GetRawText();

    private void Demand(bool satisfied, string place, string fault)
    {
        if (!satisfied)
        {
            Add(place, fault);
        }
    }

    private bool Add(string place, string fault)
    {
        if (_faults.Count < FaultsMax)
        {
            _faults.Add($"{(place.Length == 0 ? "The answer" : place)} {fault}");
        }

        return false;
    }
}
