using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Craftsmen;

/// <summary>
/// Reads the options of a task and its type: what all models know under one name, whatever their protocol calls it; the
/// rest is handed on as it is.
/// </summary>
internal static class ModelOptions
{
    public static ChatOptions Read(AssignedTask task, string model)
    {
        var options = new ChatOptions { ModelId = model };
        if (task.OutputSchema.Length > 0)
        {
            options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Parse("output schema", task.OutputSchema));
        }

        foreach (var (name, json) in task.Options)
        {
            Set(options, name, Parse($"option '{name}' of type '{task.Type}'", json));
        }

        return options;
    }

    private static void Set(ChatOptions options, string name, JsonElement value)
    {
        switch (name)
        {
            case AssignedTask.FallbacksOption:
                break;
            case "temperature":
                options.Temperature = (float)Number(name, value);
                break;
            case "top_p":
                options.TopP = (float)Number(name, value);
                break;
            case "top_k":
                options.TopK = (int)Number(name, value);
                break;
            case "seed":
                options.Seed = (long)Number(name, value);
                break;
            case "max_tokens" or "num_predict":
                options.MaxOutputTokens = (int)Number(name, value);
                break;
            case "frequency_penalty":
                options.FrequencyPenalty = (float)Number(name, value);
                break;
            case "presence_penalty":
                options.PresencePenalty = (float)Number(name, value);
                break;
            case "stop":
                options.StopSequences = value.ValueKind == JsonValueKind.Array
                    ? [.. value.EnumerateArray().Select(stop => stop.ToString())]
                    : [value.ToString()];
                break;
            default:
                (options.AdditionalProperties ??= [])[name] = value;
                break;
        }
    }

    private static double Number(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
        && Math.Abs(number) <= int.MaxValue
            ? number
            : throw TaskFailureException.Permanent("bad_option", $"The option '{name}' is no number: {value.GetRawText()}");

    private static JsonElement Parse(string what, string json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException exception)
        {
            throw TaskFailureException.Permanent("bad_option", $"The {what} is not JSON: {json}", exception);
        }
    }
}
