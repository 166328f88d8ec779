using System.Text.Json;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.AgentCli;

/// <summary>What an agent reads of a task beyond the prompt.</summary>
internal static class AgentTask
{
    public const string Sandbox = "sandbox";
    public const string Folder = "folder";

    /// <summary>The prompt, the system prompt before it: agents take one text.</summary>
    public static string Prompt(AssignedTask task) =>
        task.SystemPrompt.Length == 0 ? task.Prompt : $"{task.SystemPrompt}\n\n{task.Prompt}";

    /// <summary>An option's text, or null. Written as JSON: <c>"workspace-write"</c>; the bare word is taken too.</summary>
    public static string? Option(AssignedTask task, string name)
    {
        var json = task.Options.FirstOrDefault(option => option.Key == name).Value;
        if (string.IsNullOrWhiteSpace(json))
        {
            return null;
        }

        try
        {
            var value = JsonElement.Parse(json);
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Null => null,
                _ => throw TaskFailureException.Permanent("bad_option", $"The option '{name}' must be a text; it is {json}."),
            };
        }
        catch (JsonException)
        {
            return json;
        }
    }
}
