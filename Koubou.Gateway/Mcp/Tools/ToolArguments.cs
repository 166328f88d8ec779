using System.Text.Json;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>The arguments of a call, read with every fault kept, so that the model mends them all at once.</summary>
internal sealed class ToolArguments(IDictionary<string, JsonElement>? arguments)
{
    private readonly IDictionary<string, JsonElement> _arguments = arguments ?? new Dictionary<string, JsonElement>();

    public FaultList Faults { get; } = new();

    /// <summary>The argument; null when it is absent or null.</summary>
    public JsonElement? this[string name] =>
        _arguments.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public IEnumerable<KeyValuePair<string, JsonElement>> All => _arguments;

    /// <summary>Notes every argument that the schema does not know.</summary>
    public void CheckNames(IReadOnlyList<string> known)
    {
        foreach (var name in _arguments.Keys.Where(name => !known.Contains(name)))
        {
            Faults.Add(name, Nearest.Fault(name, "an argument of this tool", known));
        }
    }

    public string? Text(string name)
    {
        if (this[name] is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : Fault<string>(name, "must be a text", value);
    }

    public string RequiredText(string name)
    {
        var text = Text(name);
        if (this[name] is null || (text is not null && text.Length == 0))
        {
            Faults.Add(name, "is missing");
        }

        return text ?? "";
    }

    public bool Flag(string name) => this[name] is { } value
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : Fault<bool>(name, "must be true or false", value));

    public int WholeNumber(string name, int preset, int min, int max)
    {
        if (this[name] is not { } value)
        {
            return preset;
        }

        // 20.0 is whole too; some clients write every number so.
        return value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out var number)
            && number == Math.Truncate(number)
            && number >= min
            && number <= max
                ? (int)number
                : Fault<int>(name, $"must be a whole number from {min} to {max}", value);
    }

    public string Word(string name, params IReadOnlyList<string> words)
    {
        if (this[name] is not { } value)
        {
            return words[0];
        }

        return value.ValueKind == JsonValueKind.String && words.Contains(value.GetString()!)
            ? value.GetString()!
            : Fault<string>(name, $"must be one of {string.Join(", ", words)}", value) ?? words[0];
    }

    public IReadOnlyList<string> Texts(string name)
    {
        if (this[name] is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array
            || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            return Fault<string[]>(name, "must be a list of texts", value) ?? [];
        }

        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    private T? Fault<T>(string name, string must, JsonElement value)
    {
        Faults.Add(name, $"{must}; was {Show(value)}");
        return default;
    }

    private static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => Problems.Shorten(value.GetRawText()),
    };
}
