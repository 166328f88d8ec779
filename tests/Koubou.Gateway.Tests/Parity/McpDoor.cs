using System.Text.Json;
using Koubou.Gateway.Tests.Mcp;
using Koubou.Gateway.Tests.Workshop;
using ModelContextProtocol.Client;

namespace Koubou.Gateway.Tests.Parity;

internal sealed class McpDoor(McpClient client) : IDoor
{
    public string Name => "MCP";

    public async Task<Said> SubmitAsync(IReadOnlyDictionary<string, object> task)
    {
        var answer = await client.CallAsync("delegate", JsonSerializer.Serialize(task));
        return answer.IsError ? Refusal(answer) : new Said(answer["id"].GetString(), answer["state"].GetString());
    }

    public async Task<Said> ReadAsync(string id)
    {
        var answer = await client.CallAsync("get_result", $$"""{"id":"{{id}}"}""");
        return answer.IsError ? Refusal(answer) : Result(answer["result"]);
    }

    public async Task<Said> WaitAsync(string id)
    {
        var answer = await client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""");
        return answer.IsError ? Refusal(answer) : Result(answer["finished"][0]);
    }

    public Task<Said> CancelAsync(string id) => ChangeAsync("cancel", id);

    public Task<Said> RetryAsync(string id) => ChangeAsync("retry", id);

    public ValueTask DisposeAsync() => client.DisposeAsync();

    // A change of many tells what became of each; what was wrong with the only one is what was wrong.
    private async Task<Said> ChangeAsync(string tool, string id)
    {
        var answer = await client.CallAsync(tool, $$"""{"ids":["{{id}}"]}""");
        if (answer.IsError)
        {
            return Refusal(answer);
        }

        var task = answer["tasks"][0];
        return task.Text("outcome") == "changed"
            ? new Said(task.Text("id"), task.Text("state"))
            : Said.Refused(task.Text("outcome"));
    }

    private static Said Result(JsonElement result) => new(
        result.Text("id"), result.Text("state"), result.TryGetProperty("output", out var output) ? output.GetString() : null);

    // Sample: The request has faults. 1 fault, in priority.⏎- priority: must be …⏎Next: …
    private static Said Refusal(ToolAnswer answer) => answer.Text switch
    {
        var text when text.StartsWith("No such task", StringComparison.Ordinal) => Said.Refused("unknown_task"),
        var text when text.StartsWith("The API key does not allow", StringComparison.Ordinal) => Said.Refused("scope_missing"),
        var text when text.StartsWith("The queue takes no more", StringComparison.Ordinal) => Said.Refused("queue_full"),
        var text when text.StartsWith("The request has faults", StringComparison.Ordinal) => Said.Refused(
            "invalid_request", text.Split("\n- ").Skip(1).Select(line => line.Split(':')[0])),
        var text => Said.Refused(text),
    };
}
