using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Cli.Tasks;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Batches;

/// <summary>
/// A file of tasks, one a line. Samples: <c>{"prompt": "Name five colours", "priority": 8}</c> · <c>"Name five colours"</c>.
/// </summary>
internal static class TaskLines
{
    private const string Prompt = "prompt";

    /// <param name="file">Its name; - is standard input.</param>
    /// <param name="common">Holds for each task that does not say otherwise.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<List<JsonObject>> ReadAsync(string file, JsonObject common, CancellationToken cancellationToken)
    {
        var tasks = new List<JsonObject>();
        var number = 0;
        using var lines = new StringReader(await PromptText.ReadFileAsync(file, cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                tasks.Add(WithCommon(Parse(file, number, line), common));
            }
        }

        return tasks.Count > 0
            ? tasks
            : throw new UsageException($"The file '{file}' holds no task. One JSON object a line is wanted.");
    }

    private static JsonObject Parse(string file, int number, string line)
    {
        try
        {
            return JsonNode.Parse(line) switch
            {
                JsonObject task => task,
                JsonValue value when value.TryGetValue<string>(out var prompt) => new JsonObject { [Prompt] = prompt },
                _ => throw Refuse("is no task"),
            };
        }
        catch (JsonException error)
        {
            throw Refuse($"is not JSON: {error.Message}");
        }

        UsageException Refuse(string why) => new($"Line {number} of '{file}' {why}. Wanted: {{\"prompt\": \"…\"}}");
    }

    private static JsonObject WithCommon(JsonObject task, JsonObject common)
    {
        foreach (var (name, value) in common)
        {
            if (!task.ContainsKey(name))
            {
                task[name] = value?.DeepClone();
            }
        }

        return task;
    }
}
