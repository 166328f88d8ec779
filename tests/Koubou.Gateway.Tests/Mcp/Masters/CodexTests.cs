using System.Text.Json;
using System.Text.RegularExpressions;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>Codex CLI as master, over both transports.</summary>
public sealed partial class CodexTests(WorkshopFixture workshop) : IDisposable
{
    private static readonly string Installed = MasterProgram.Find("codex", "/bin/codex");

    private readonly MasterProgram _codex = new();

    [Theory]
    [InlineData("http")]
    [InlineData("stdio")]
    public async Task Codex_DelegatesWaitsAndReads(string transport)
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await using var mind = await ScriptedMind.StartAsync(new ResponsesFormat(), results => results switch
        {
            [] => new Move.Call("delegate", $$"""{"prompt":"Name it.","type":"{{type}}"}"""),
            [_] => new Move.Call("wait", $$"""{"ids":["{{Id().Match(results[0]).Value}}"]}"""),
            [_, _] => new Move.Call("get_result", $$"""{"id":"{{Id().Match(results[0]).Value}}"}"""),
            _ => new Move.Say("It is named."),
        });

        var asking = AskAsync(mind, Server(transport));
        await node.CompleteAsync(await node.TakeAsync(asking), "工房");
        var events = await asking;

        Assert.Contains("工房", mind.Results[1], StringComparison.Ordinal);
        Assert.Contains("工房", mind.Results[2], StringComparison.Ordinal);
        Assert.Equal(
            ["delegate", "wait", "get_result"],
            Items(events, "mcp_tool_call").Select(item => item.Text("tool")));
        Assert.All(Items(events, "mcp_tool_call"), item => Assert.Equal("completed", item.Text("status")));
        Assert.Equal("It is named.", Items(events, "agent_message").Single().Text("text"));
    }

    [Fact]
    public async Task Codex_RefusedByTheWorkshop_ReadsWhatToMend()
    {
        await using var mind = await ScriptedMind.StartAsync(new ResponsesFormat(), results => results.Count == 0
            ? new Move.Call("wait", """{"ids":[]}""")
            : new Move.Say("I see."));

        await AskAsync(mind, Server("http"));

        Assert.Contains("name the tasks by ids", mind.Results[0], StringComparison.Ordinal);
    }

    public void Dispose() => _codex.Dispose();

    private static IEnumerable<JsonElement> Items(IReadOnlyList<JsonElement> events, string type) => events
        .Where(item => item.Text("type") == "item.completed")
        .Select(item => item.GetProperty("item"))
        .Where(item => item.Text("type") == type);

    private string[] Server(string transport) => transport == "http"
        ? [$"mcp_servers.koubou.url=\"{workshop.Gateway.McpAddress()}\""]
        :
        [
            "mcp_servers.koubou.command=\"dotnet\"",
            $"mcp_servers.koubou.args=[\"{Path.Combine(AppContext.BaseDirectory, "koubou.dll")}\",\"mcp\",\"--url\",\"{workshop.Gateway.Main}\"]",
        ];

    private Task<IReadOnlyList<JsonElement>> AskAsync(ScriptedMind mind, string[] server) => _codex.RunAsync(
        Installed,
        [
            "exec", "--json", "--ephemeral", "--ignore-user-config", "--skip-git-repo-check", "-m", "scripted",
            "-c", "model_provider=\"mind\"",
            "-c", $$"""model_providers.mind={name="mind",base_url="{{mind.Address}}/v1",wire_api="responses",request_max_retries=0,stream_max_retries=0}""",
            "-c", "analytics.enabled=false",
            "-c", "mcp_servers.koubou.required=true", // Else its first turn may begin before the tools are there.
            .. server.SelectMany(setting => new[] { "-c", setting }),
            "Delegate it.",
        ],
        ("CODEX_HOME", "{home}"));

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Id();
}
