using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>
/// Writes a chat as Ollama reads it. Sample: <c>{"model":"gemma2:2b","messages":[{"role":"user","content":"Hi"}],
/// "stream":true,"truncate":false,"keep_alive":"300s","format":{"type":"object"},"options":{"num_ctx":8192}}</c>.
/// </summary>
internal static class OllamaRequest
{
    // Options that stand beside the runner's, not among them.
    private static readonly string[] TopLevel = ["keep_alive", "think"];

    public static JsonObject Build(string model, IEnumerable<ChatMessage> messages, ChatOptions? options, TimeSpan? keepAlive)
    {
        var schema = options?.ResponseFormat is ChatResponseFormatJson { Schema: { } wanted } ? wanted : (JsonElement?)null;
        var request = new JsonObject
        {
            ["model"] = model,
            ["messages"] = Messages(messages, schema),
            ["stream"] = true,
            // Never a silently shortened prompt: Ollama is to say that it does not fit.
            ["truncate"] = false,
        };
        if (options?.ResponseFormat is ChatResponseFormatJson)
        {
            request["format"] = schema is { } element ? Node(element) : "json";
        }

        if (keepAlive is { } time)
        {
            request["keep_alive"] = time < TimeSpan.Zero ? -1 : (long)time.TotalSeconds;
        }

        var runner = new JsonObject();
        AddRunnerOptions(runner, options);
        foreach (var (name, value) in options?.AdditionalProperties ?? [])
        {
            (TopLevel.Contains(name, StringComparer.Ordinal) ? request : runner)[name] = Node(value);
        }

        if (runner.Count > 0)
        {
            request["options"] = runner;
        }

        return request;
    }

    private static JsonArray Messages(IEnumerable<ChatMessage> messages, JsonElement? schema)
    {
        var list = new JsonArray();
        foreach (var message in messages)
        {
            list.Add(new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text });
        }

        if (schema is { } wanted)
        {
            // The grammar only keeps the model inside the schema; the words tell it what the fields are for.
            var afterSystem = list.TakeWhile(message => message!["role"]!.GetValue<string>() == ChatRole.System.Value).Count();
            list.Insert(afterSystem, new JsonObject
            {
                ["role"] = ChatRole.System.Value,
                ["content"] = "Answer only with JSON that satisfies this JSON schema:\n" + wanted.GetRawText(),
            });
        }

        return list;
    }

    private static void AddRunnerOptions(JsonObject runner, ChatOptions? options)
    {
        Add("temperature", options?.Temperature);
        Add("top_p", options?.TopP);
        Add("top_k", options?.TopK);
        Add("seed", options?.Seed);
        Add("num_predict", options?.MaxOutputTokens);
        Add("frequency_penalty", options?.FrequencyPenalty);
        Add("presence_penalty", options?.PresencePenalty);
        if (options?.StopSequences is { Count: > 0 } stops)
        {
            runner["stop"] = new JsonArray([.. stops.Select(stop => (JsonNode)stop)]);
        }

        void Add<T>(string name, T? value)
            where T : struct
        {
            if (value is { } given)
            {
                runner[name] = JsonValue.Create(given);
            }
        }
    }

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        JsonElement element => JsonNode.Parse(element.GetRawText()),
        JsonNode node => node.DeepClone(),
        _ => JsonSerializer.SerializeToNode(value),
    };
}
