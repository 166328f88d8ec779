using System.Text.Json;
using Koubou.Gateway.GraphQL;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Parity;

internal sealed class GraphQlDoor(HttpClient http, params (string, string)[] headers) : IDoor
{
    private const string Task = "{ id state output }";

    public string Name => "GraphQL";

    public Task<Said> SubmitAsync(IReadOnlyDictionary<string, object> task)
    {
        // As literals, whose shapes the schema checks; here only values are wrong, not shapes.
        var arguments = task.Select(field => $"{GraphQlNames.Camel(field.Key)}: {Literal(JsonSerializer.SerializeToElement(field.Value))}");
        return AskAsync($"mutation {{ it: submitTask({string.Join(", ", arguments)}) {{ id state }} }}");
    }

    public Task<Said> ReadAsync(string id) => AskAsync($"{{ it: task(id: \"{id}\") {Task} }}");

    public async Task<Said> WaitAsync(string id)
    {
        // This door waits by following: the stream ends with the finished task.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql");
        request.Content = new StringContent(
            JsonSerializer.Serialize(new { query = $"subscription {{ taskOutput(id: \"{id}\") {{ kind }} }}" }),
            System.Text.Encoding.UTF8,
            "application/json");
        request.Headers.Add("Accept", "text/event-stream");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var followed = await http.SendAsync(request);
        await followed.Content.ReadAsStringAsync();
        return await ReadAsync(id);
    }

    public Task<Said> CancelAsync(string id) => AskAsync($"mutation {{ it: cancelTask(id: \"{id}\") {{ id state }} }}");

    public Task<Said> RetryAsync(string id) => AskAsync($"mutation {{ it: retryTask(id: \"{id}\") {{ id state }} }}");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<Said> AskAsync(string query)
    {
        var answer = await http.PostAsync("/graphql", JsonSerializer.Serialize(new { query }), headers);
        if (answer.Body.TryGetProperty("errors", out var errors))
        {
            var extensions = errors[0].GetProperty("extensions");
            return Said.Refused(
                extensions.Text("code"),
                extensions.TryGetProperty("errors", out var faults)
                    ? faults.EnumerateObject().Select(fault => Snake(fault.Name))
                    : []);
        }

        var it = answer["data"].GetProperty("it");

        // What is not there is null here, as GraphQL has it.
        return it.ValueKind == JsonValueKind.Null
            ? Said.Refused("unknown_task")
            : new Said(
                it.Text("id"),
                it.Text("state").ToLowerInvariant(),
                it.TryGetProperty("output", out var output) ? output.GetString() : null);
    }

    // As JSON, but for the names in objects, which stand without quotes.
    private static string Literal(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(", ", value.EnumerateObject().Select(field => $"{field.Name}: {Literal(field.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Literal))}]",
        _ => value.GetRawText(),
    };

    private static string Snake(string camel) =>
        string.Concat(camel.Select(letter => char.IsUpper(letter) ? $"_{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
