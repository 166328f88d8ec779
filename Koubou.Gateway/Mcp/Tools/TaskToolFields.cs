using System.Text.Json.Nodes;
using Koubou.Gateway.Intake;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>
/// Which fields of a task a model may set. The fields are those of every JSON door; the ones below are withheld, each
/// for a reason. To offer one, remove its line.
/// </summary>
internal static class TaskToolFields
{
    public const string Files = "files";
    public const string Options = "options";

    private const string Sandbox = "sandbox";
    private const string StrictestSandbox = "read-only";

    private static readonly Dictionary<string, string> Withheld = new(StringComparer.Ordinal)
    {
        ["data_policy"] = "is for a person to loosen: it comes from the task type and the scheduler's settings",
    };

    /// <summary>The properties of one task, and the one that only this door has.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> Properties(params string[] without) =>
    [
        .. TaskFields.All
            .Where(field => !Withheld.ContainsKey(field.Name) && !without.Contains(field.Name))
            .Select(field => new KeyValuePair<string, JsonNode?>(field.Name, ToolSchemas.Of(field.Schema()))),
        ToolSchemas.Texts(
            Files,
            "Paths of text files under the client's roots; the workshop reads them and adds them to the prompt, "
            + "so that you need not paste them. Needs a client that offers roots."),
    ];

    /// <summary>Why a field may not be set; null when it may.</summary>
    public static string? WhyNot(string name) => Withheld.GetValueOrDefault(name);

    /// <summary>Why the options for the backend may not be these; null when they may. Stricter is always allowed.</summary>
    public static string? WhyNot(JsonNode? options) => options is JsonObject fields
        && fields.TryGetPropertyValue(Sandbox, out var value)
        && !(value is JsonValue word && word.TryGetValue<string>(out var mode) && mode == StrictestSandbox)
            ? $"{Sandbox} is for a person to loosen: it comes from the task type and the worker's settings"
            : null;
}
