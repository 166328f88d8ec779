using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Koubou.Web.Pages.Submit;

/// <summary>The calls of other doors that hand over the same task.</summary>
public static class EqualCalls
{
    // Japanese stays readable in the call to copy; it is shown as text and never stands in a page as markup.
    internal static readonly JsonSerializerOptions Json =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions OnOneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // How far content may travel and what waits for what is for people to say, not for a model.
    private static readonly string[] WithheldFromModels = ["data_policy", "depends_on", "run_if_dependency_failed"];

    /// <summary>For a POSIX shell.</summary>
    public static string Curl(SubmitDraft draft, string gatewayAddress) => string.Create(CultureInfo.InvariantCulture, $"""
        curl -X POST {gatewayAddress}/task/delegate \
          -H 'Content-Type: application/json' \
          -d '{Quoted(draft.ToJson())}'
        """);

    /// <summary>
    /// A mutation for the page at /graphql. A label or schema whose keys GraphQL cannot write needs variables: then the
    /// whole call, for a shell.
    /// </summary>
    public static string GraphQl(SubmitDraft draft, string gatewayAddress)
    {
        var fields = draft.ToFields();
        if (fields.All(field => IsWritable(field.Value)))
        {
            var arguments = fields.Select(field => $"    {Camel(field.Key)}: {Literal(field.Value)}");
            return $$"""
                mutation {
                  submitTask(
                {{string.Join('\n', arguments)}}
                  ) { taskId status }
                }
                """;
        }

        var task = new JsonObject(fields.Select(field => KeyValuePair.Create(Camel(field.Key), field.Value?.DeepClone())));
        var body = new JsonObject
        {
            ["query"] = "mutation ($tasks: [TaskInput!]!) { submitTasks(tasks: $tasks) { taskId status } }",
            ["variables"] = new JsonObject { ["tasks"] = new JsonArray(task) },
        };
        return $"""
            curl -X POST {gatewayAddress}/graphql \
              -H 'Content-Type: application/json' \
              -d '{Quoted(body.ToJsonString(Json))}'
            """;
    }

    /// <summary>The call of the tool <c>delegate</c>, as an MCP client sends it.</summary>
    public static string Mcp(SubmitDraft draft)
    {
        var arguments = draft.ToFields();
        foreach (var name in WithheldFromModels)
        {
            arguments.Remove(name);
        }

        return new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = "tools/call",
            ["params"] = new JsonObject { ["name"] = "delegate", ["arguments"] = arguments },
        }.ToJsonString(Json);
    }

    /// <summary>The filled fields that a model may not set.</summary>
    public static IEnumerable<string> Withheld(SubmitDraft draft) => draft.ToFields().Select(field => field.Key).Intersect(WithheldFromModels);

    private static string Quoted(string json) => json.Replace("'", @"'\''", StringComparison.Ordinal);

    private static string Camel(string snake) => string.Concat(snake.Split('_')
        .Select((part, index) => index == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]));

    private static bool IsWritable(JsonNode? node) => node switch
    {
        JsonObject fields => fields.All(field => IsName(field.Key) && IsWritable(field.Value)),
        JsonArray items => items.All(IsWritable),
        _ => true,
    };

    private static bool IsName(string key) => key.Length > 0 && !char.IsAsciiDigit(key[0])
        && key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    // Strings, numbers and lists are written as in JSON; only the keys of objects stand without quotes.
    private static string Literal(JsonNode? node) => node switch
    {
        JsonObject fields => $"{{{string.Join(", ", fields.Select(field => $"{field.Key}: {Literal(field.Value)}"))}}}",
        JsonArray items => $"[{string.Join(", ", items.Select(Literal))}]",
        null => "null",
        _ => node.ToJsonString(OnOneLine),
    };
}
