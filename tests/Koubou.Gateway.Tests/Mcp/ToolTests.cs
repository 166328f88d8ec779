using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;
using ModelContextProtocol.Client;

namespace Koubou.Gateway.Tests.Mcp;

public sealed class ToolTests(WorkshopFixture workshop)
{
    public static TheoryData<string> Versions => ["2025-03-26", "2025-06-18", McpSteps.Sessions, McpSteps.Newest];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Delegate_ThenWait_BringsTheAnswerInEveryProtocolVersion(string version)
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync(version);
        await using var node = await workshop.JoinAsync(type);

        var id = await client.DelegateAsync(type, "Say hello.\nIn one word.");
        await node.CompleteAsync(await node.TakeAsync(), "Hello\nWorld");
        var waited = await client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""");

        Assert.Equal(version, client.NegotiatedProtocolVersion);
        Assert.True(waited["done"].GetBoolean());
        var result = Assert.Single(waited["finished"].EnumerateArray());
        Assert.Equal("Hello\nWorld", result.Text("output"));
        Assert.Equal("Say hello.", result.Text("title"));
        Assert.Contains("Hello\nWorld", waited.Text, StringComparison.Ordinal);
        Assert.Equal(0, waited["unread"].GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task DelegateMany_WithCommonFields_IsOneBatchThatWaitTakesWhole()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);

        var batch = await client.CallAsync("delegate_many", $$$"""
            {
              "tasks": [{"prompt": "a"}, {"prompt": "b", "priority": 9}],
              "common": {"type": "{{{type}}}", "output_schema": {"type": "object"} }
            }
            """);
        var first = await node.TakeAsync();
        await node.CompleteAsync(first, "B");
        await node.CompleteAsync(await node.TakeAsync(), "A");
        var waited = await client.CallAsync("wait", $$"""{"batch_id":"{{batch["batch_id"]}}"}""");

        Assert.Equal("b", first.Spec.Prompt);
        Assert.Equal("""{"type":"object"}""", first.Spec.OutputSchema);
        Assert.Equal(2, batch["ids"].GetArrayLength());
        Assert.Equal(["A", "B"], waited["finished"].EnumerateArray().Select(result => result.Text("output")));
    }

    [Fact]
    public async Task Cancel_ThenRetry_EndsTheTaskAndPutsItBack()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);

        var cancelled = await client.CallAsync("cancel", $$"""{"ids":["{{id}}"]}""");
        var again = await client.CallAsync("cancel", $$"""{"ids":["{{id}}"]}""");
        var retried = await client.CallAsync("retry", $$"""{"ids":["{{id}}"]}""");
        var taken = await node.TakeAsync();

        Assert.Equal(1, cancelled["changed_count"].GetInt32());
        Assert.Equal("wrong_state", Assert.Single(again["tasks"].EnumerateArray()).Text("outcome"));
        Assert.Equal(1, retried["changed_count"].GetInt32());
        Assert.Equal(id, taken.TaskId);
    }

    [Fact]
    public async Task ListTasks_WithoutEveryone_ShowsOnlyThisClients()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var other = await workshop.Gateway.ConnectAsync();
        var own = await client.DelegateAsync(type, "mine");
        var foreign = await other.DelegateAsync(type, "theirs");

        var mine = await client.CallAsync("list_tasks", $$"""{"types":["{{type}}"],"states":["queued"]}""");
        var all = await client.CallAsync("list_tasks", $$"""{"types":["{{type}}"],"everyone":true,"page_size":1}""");

        Assert.Equal(own, Assert.Single(mine["tasks"].EnumerateArray()).Text("id"));
        Assert.Equal(foreign, Assert.Single(all["tasks"].EnumerateArray()).Text("id"));
        Assert.Equal(2, all["total"].GetInt64());
        Assert.NotEqual(JsonValueKind.Null, all["next_page_token"].ValueKind);
    }

    [Fact]
    public async Task WorkshopStatus_WithANode_ShowsItsBackends()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);
        await node.TakeAsync();

        var status = await client.CallAsync("workshop_status");

        var view = status["nodes"].EnumerateArray().Single(candidate => candidate.Text("id") == node.Id);
        Assert.Equal("demo", Assert.Single(view.GetProperty("backends").EnumerateArray()).Text("name"));
        Assert.Equal(1, view.GetProperty("busy").GetInt32());
        Assert.Contains(node.Id, status.Text, StringComparison.Ordinal);
        Assert.NotEmpty(id);
    }

    [Fact]
    public async Task GetResult_OfALongAnswer_GivesADigestThenEveryPart()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);
        var output = string.Concat(Enumerable.Range(0, 9_000).Select(i => i % 3 == 0 ? "工房" : $"{i} "));
        await node.CompleteAsync(await node.TakeAsync(), output);
        await client.CallAsync("wait", $$"""{"ids":["{{id}}"],"timeout_seconds":20}""");

        var digest = await client.CallAsync("get_result", $$"""{"id":"{{id}}"}""");
        var read = "";
        for (var offset = (int?)0; offset is { } from;)
        {
            var part = await client.CallAsync("get_result", $$"""{"id":"{{id}}","offset":{{from}}}""");
            var result = part["result"];
            read += result.Text("output");
            offset = result.TryGetProperty("next_offset", out var next) ? next.GetInt32() : null;
            Assert.True(part.Text.Length < 25_000);
        }

        Assert.Equal(output, read);
        Assert.Equal(output.Length, digest["result"].GetProperty("output_length").GetInt32());
        Assert.True(digest.Text.Length < 5_000);
        Assert.Equal(
            $"koubou://tasks/{id}/output",
            Assert.Single(digest.Raw.Content.OfType<ModelContextProtocol.Protocol.ResourceLinkBlock>()).Uri);
    }

    [Fact]
    public async Task ListTools_ForClaudeCode_KeepsItsBoundsAndMarksWhatReads()
    {
        await using var client = await workshop.Gateway.ConnectAsync();

        var tools = await client.ListToolsAsync();

        Assert.Equal(
            ["cancel", "delegate", "delegate_many", "get_result", "list_tasks", "retry", "wait", "workshop_status"],
            tools.Select(tool => tool.Name).Order());
        Assert.Equal(
            ["get_result", "list_tasks", "wait", "workshop_status"],
            tools.Where(tool => tool.ProtocolTool.Annotations!.ReadOnlyHint is true).Select(tool => tool.Name).Order());
        Assert.Equal(
            ["delegate", "delegate_many", "get_result", "wait"],
            tools.Where(tool => tool.ProtocolTool.Meta?["anthropic/alwaysLoad"]?.GetValue<bool>() is true)
                .Select(tool => tool.Name).Order());
        Assert.All(tools, tool => Assert.InRange(tool.Description.Length, 50, 2_048));
        Assert.All(tools, tool => Assert.Equal("object", tool.ProtocolTool.OutputSchema!.Value.Text("type")));
        Assert.InRange(client.ServerInstructions!.Length, 200, 2_048);
        Assert.DoesNotContain(
            tools, tool => tool.JsonSchema.GetRawText().Contains("data_policy", StringComparison.Ordinal));
    }
}
