using System.Globalization;
using System.Text.Json;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Rest.Native.Keys;

/// <summary>Reads <c>{"name": "ci", "scopes": ["submit", "read"], "requests_per_minute": 600}</c>, all faults at once.</summary>
internal static class KeyRequestReader
{
    /// <summary>The fields of a wish.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "name", "scopes", "requests_per_minute", "concurrency_max", "live_tasks_max", "priority_max", "expires_at",
    ];

    public static (string Name, KeyRights Rights) Read(JsonElement body, DateTimeOffset now, FaultList faults)
    {
        var (name, rights) = ("", new KeyRights());
        if (body.ValueKind != JsonValueKind.Object)
        {
            faults.Add("body", "must be an object, such as {\"name\": \"ci\", \"scopes\": [\"submit\", \"read\"]}");
            return (name, rights);
        }

        foreach (var field in body.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            switch (field.Name)
            {
                case "name":
                    name = Text(field.Value) ?? "";
                    break;
                case "scopes":
                    rights = rights with { Scopes = ReadScopes(field.Value, faults) ?? rights.Scopes };
                    break;
                case "requests_per_minute":
                    rights = rights with { RequestsPerMinute = (int)Number(field, faults) };
                    break;
                case "concurrency_max":
                    rights = rights with { ConcurrencyMax = (int)Number(field, faults) };
                    break;
                case "live_tasks_max":
                    rights = rights with { LiveTasksMax = Number(field, faults) };
                    break;
                case "priority_max":
                    rights = rights with { PriorityMax = (int)Number(field, faults) };
                    break;
                case "expires_at":
                    rights = rights with { ExpiresAt = ReadTime(field.Value, now, faults) };
                    break;
                default:
                    faults.Add(field.Name, Nearest.Fault(field.Name, "a field of a key", Names));
                    break;
            }
        }

        if (KeyFile.FindNameFault(name) is { } fault)
        {
            faults.Add("name", fault);
        }

        foreach (var (field, sentence) in rights.FindFaults())
        {
            faults.Add(field, sentence);
        }

        return (name, rights);
    }

    private static KeyScopes? ReadScopes(JsonElement value, FaultList faults)
    {
        var words = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Text).ToArray() : [null];
        if (Array.Exists(words, word => word is null))
        {
            faults.Add("scopes", $"must be a list of {string.Join(", ", KeyScopeWords.All)}");
            return null;
        }

        if (KeyScopeWords.TryParse(words!, out var scopes, out var unknown))
        {
            return scopes;
        }

        faults.Add("scopes", $"\"{Problems.Shorten(unknown!)}\" {Nearest.Fault(unknown!, "a scope", KeyScopeWords.All)}");
        return null;
    }

    private static long Number(JsonProperty field, FaultList faults)
    {
        if (field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt32(out var number))
        {
            return number;
        }

        faults.Add(field.Name, "must be a whole number");
        return 0;
    }

    private static DateTimeOffset? ReadTime(JsonElement value, DateTimeOffset now, FaultList faults)
    {
        if (DateTimeOffset.TryParse(
                Text(value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time > now)
        {
            return time;
        }

        faults.Add("expires_at", "must be a point in time in the future, such as 2030-01-31T00:00:00Z");
        return null;
    }

    private static string? Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? JsonInput.Text(value) : null;
}
