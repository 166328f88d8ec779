using System.Text.Json;
using System.Text.RegularExpressions;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.Extensions.DependencyInjection;

namespace Koubou.Gateway.Tests.Mcp.Masters;

/// <summary>Claude Code as master: the program that people really use, with its own limits.</summary>
public sealed partial class ClaudeCodeTests(WorkshopFixture workshop) : IDisposable
{
    private readonly MasterProgram _claude = new();

    [Theory]
    [InlineData("http")]
    [InlineData("stdio")]
    public async Task Claude_DelegatesABatchWaitsAndReads(string transport)
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await using var mind = await ScriptedMind.StartAsync(new MessagesFormat(), results => results switch
        {
            [] => new Move.Call("delegate_many", $$$"""
                {"tasks":[{"prompt":"tests"},{"prompt":"comment"}],"common":{"type":"{{{type}}}"} }
                """),
            [var batch] => new Move.Call("wait", $$"""{"batch_id":"{{BatchId().Match(batch).Value}}"}"""),
            [_, _] => new Move.Call("get_result", $$"""{"id":"{{TaskId().Match(results[0]).Value}}"}"""),
            _ => new Move.Say("Both are there."),
        });

        var asking = _claude.AskAsync(mind, Server(transport), "Delegate the tests and the comment.");
        await node.CompleteAsync(await node.TakeAsync(asking), "[Fact] public void Adds() { }");
        await node.CompleteAsync(await node.TakeAsync(asking), "/// <summary>加算する。</summary>");
        var said = await asking;

        Assert.Equal("Both are there.", said);
        Assert.Contains("/// <summary>加算する。</summary>", mind.Results[1], StringComparison.Ordinal);
        Assert.Contains("[Fact] public void Adds() { }", mind.Results[2], StringComparison.Ordinal);
        var tasks = (await workshop.Http.ReadAsync($"/api/v1/tasks?type={type}"))["tasks"];
        Assert.All(tasks.EnumerateArray(), task => Assert.Equal("claude-code", task.Text("client")));
    }

    [Fact]
    public async Task Claude_ReadingFiveMegabytes_GetsPartsThatItDoesNotCut()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var line = "    if (name == \"工房\") { return \"\\t\"; } // 見出し\n";
        var output = string.Concat(Enumerable.Repeat(line, 5_000_000 / line.Length));
        await using var mind = await ScriptedMind.StartAsync(new MessagesFormat(), results => results switch
        {
            [] => new Move.Call("delegate", $$"""{"prompt":"long","type":"{{type}}"}"""),
            [_] => new Move.Call("wait", $$"""{"ids":["{{TaskId().Match(results[0]).Value}}"]}"""),
            [_, _] => new Move.Call("get_result", $$"""{"id":"{{TaskId().Match(results[0]).Value}}","offset":3000}"""),
            _ => new Move.Say("Read."),
        });

        var asking = _claude.AskAsync(mind, Server("http"), "Delegate something long.");
        await node.CompleteAsync(await node.TakeAsync(asking), output);
        await asking;

        // What Claude Code cuts is no JSON any more, and what it moves to a file is only its name. Links come before it.
        var link = $"koubou://tasks/{TaskId().Match(mind.Results[0]).Value}/output";
        var part = JsonElement.Parse(mind.Results[2][mind.Results[2].IndexOf('{')..]).GetProperty("result");
        Assert.Contains(link, mind.Results[2], StringComparison.Ordinal);
        var next = part.GetProperty("next_offset").GetInt32();
        Assert.Equal(output[3_000..next], part.Text("output"));
        Assert.Equal(output.Length, part.GetProperty("output_length").GetInt32());
        Assert.Equal(output.Length, JsonElement.Parse(mind.Results[1]).GetProperty("finished")[0].GetProperty("output_length").GetInt32());
    }

    [Fact]
    public async Task Claude_NamesAFile_AndTheWorkshopReadsIt()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await File.WriteAllTextAsync(Path.Combine(_claude.Folder, "notes.md"), "# 工房の記録");
        await using var mind = await ScriptedMind.StartAsync(new MessagesFormat(), results => results.Count == 0
            ? new Move.Call("delegate", $$"""{"prompt":"Summarise.","type":"{{type}}","files":["notes.md"]}""")
            : new Move.Say("Given."));

        await _claude.AskAsync(mind, Server("http"), "Have notes.md summarised.");
        var work = await node.TakeAsync();

        Assert.StartsWith("Summarise.", work.Spec.Prompt, StringComparison.Ordinal);
        Assert.Contains("# 工房の記録", work.Spec.Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claude_GivenAPromptOfTheWorkshop_ReadsItsWords()
    {
        await using var mind = await ScriptedMind.StartAsync(new MessagesFormat(), _ => new Move.Say("Understood."));

        var said = await _claude.AskAsync(mind, Server("http"), "/mcp__koubou__review-results night");

        Assert.Equal("Understood.", said);
        Assert.Contains("what the craftsmen of the Koubou workshop delivered for batch night", mind.Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claude_RefusedByTheWorkshop_ReadsWhatToMend()
    {
        await using var mind = await ScriptedMind.StartAsync(new MessagesFormat(), results => results.Count == 0
            ? new Move.Call("delegate", """{"prompt":"x","priority":11,"data_policy":"any"}""")
            : new Move.Say("I see."));

        await _claude.AskAsync(mind, Server("http"), "Delegate it.");

        Assert.Contains("priority: must be", mind.Results[0], StringComparison.Ordinal);
        Assert.Contains("data_policy: is for a person to loosen", mind.Results[0], StringComparison.Ordinal);
        Assert.Contains("Next: ", mind.Results[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claude_InItsNextConversation_IsToldWhatItHasNotRead()
    {
        var type = workshop.NewType();
        await using var gateway = workshop.StartGateway();
        await using var node = await workshop.JoinAsync(type);
        var server = $$"""{"type":"http","url":"{{gateway.McpAddress()}}","headers":{"X-Koubou-Client":"{{type}}"} }""";
        await using (var first = await ScriptedMind.StartAsync(new MessagesFormat(), results => results.Count == 0
            ? new Move.Call("delegate", $$"""{"prompt":"Find it.","type":"{{type}}"}""")
            : new Move.Say("Given.")))
        {
            await _claude.AskAsync(first, server, "Delegate it.");
        }

        var work = await node.TakeAsync();
        await node.CompleteAsync(work, "Here.");
        await gateway.Services.GetRequiredService<UnreadResults>().HeardAsync(work.TaskId, CancellationToken.None);
        await using var second = await ScriptedMind.StartAsync(new MessagesFormat(), results => results.Count == 0
            ? new Move.Call("delegate", $$"""{"prompt":"Another.","type":"{{type}}"}""")
            : new Move.Say("There is an older one."));
        await _claude.AskAsync(second, server, "Delegate another.");

        var unread = JsonElement.Parse(second.Results[0]).GetProperty("unread").GetProperty("results");
        Assert.Equal((work.TaskId, "Find it."), (unread[0].Text("id"), unread[0].Text("title")));
    }

    public void Dispose() => _claude.Dispose();

    private string Server(string transport) => transport == "http"
        ? $$"""{"type":"http","url":"{{workshop.Gateway.McpAddress()}}"}"""
        : $$"""{"type":"stdio","command":"dotnet","args":["{{Path.Combine(AppContext.BaseDirectory, "koubou.dll")}}","mcp","--url","{{workshop.Gateway.Main}}"]}""";

    [GeneratedRegex("mcp-[0-9a-f-]{36}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BatchId();

    // The first id that is a task's and not part of the batch's.
    [GeneratedRegex("(?<!mcp-)[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TaskId();
}
