using System.Text.Json;
using Koubou.Contracts.Schemas;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Tests.Workshop;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Tests.Mcp;

/// <summary>Everything that the server offers, over both transports.</summary>
public sealed class EveryPartTests(WorkshopFixture workshop)
{
    private const string Http = "http";
    private const string Stdio = "stdio";

    [Theory]
    [InlineData(Http)]
    [InlineData(Stdio)]
    public async Task EveryTool_AnswersAsItsSchemaSays_AndTheSameInText(string transport)
    {
        var type = workshop.NewType();
        await using var client = await ConnectAsync(transport);
        await using var node = await workshop.JoinAsync(type);
        var seen = new List<string>();
        var tools = (await client.ListToolsAsync()).ToDictionary(tool => tool.Name);

        var one = await CallAsync("delegate", new { prompt = "one", type });
        var id = one["id"].GetString()!;
        var many = await CallAsync("delegate_many", new { tasks = new[] { new { prompt = "two" }, new { prompt = "three" } }, common = new { type } });
        var batch_id = many["batch_id"].GetString()!;
        await CallAsync("list_tasks", new { types = new[] { type }, page_size = 1 });
        await CallAsync("cancel", new { batch_id });
        await CallAsync("retry", new { batch_id });
        await CallAsync("wait", new { ids = new[] { id }, timeout_seconds = 0 });
        await node.CompleteAsync(await node.TakeAsync(), "1\n2", simulated: true);
        await CallAsync("wait", new { ids = new[] { id }, @for = "any" });
        await node.FailAsync(await node.TakeAsync(), "refused", "The model refuses.");
        await node.CompleteAsync(await node.TakeAsync(), new string('x', 30_000));
        await CallAsync("wait", new { batch_id });
        await CallAsync("get_result", new { id });
        await CallAsync("get_result", new { id = many["ids"][1].GetString() });
        await CallAsync("workshop_status", new { });

        Assert.Equal(tools.Keys.Order(), seen.Distinct().Order());

        async Task<ToolAnswer> CallAsync(string tool, object arguments)
        {
            seen.Add(tool);
            var answer = await client.CallAsync(tool, JsonSerializer.Serialize(arguments));
            Assert.False(answer.IsError, answer.Text);
            Assert.True(JsonSchema.TryParse(tools[tool].ProtocolTool.OutputSchema!.Value.GetRawText(), out var schema, out var faults), string.Join(' ', faults));
            Assert.Empty(schema.FindFaults(answer.Content));
            Assert.Equal(ReplyText.Of(answer.Content), answer.Text);
            Assert.DoesNotContain("null", answer.Content.GetRawText(), StringComparison.Ordinal);
            return answer;
        }
    }

    [Theory]
    [InlineData(Http)]
    [InlineData(Stdio)]
    public async Task EveryResource_CanBeReadAndCompleted(string transport)
    {
        var type = workshop.NewType();
        await using var client = await ConnectAsync(transport);
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);
        var work = await node.TakeAsync();
        var file = await node.PutAsync("changes.patch", "text/x-diff", "+ 工房\n"u8.ToArray());
        await node.CompleteAsync(work, "answer", artifacts: [file]);
        await client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""");

        var templates = (await client.ListResourceTemplatesAsync()).Select(template => template.UriTemplate).ToList();
        var task = await ReadAsync($"koubou://tasks/{id}");
        var completed = await client.CompleteAsync(
            new ResourceTemplateReference { Uri = "koubou://tasks/{id}" }, "id", id[..30]);

        Assert.Equal(
            ["koubou://tasks/{id}", "koubou://tasks/{id}/artifacts/{name}", "koubou://tasks/{id}/output"], templates.Order());
        Assert.Contains((await client.ListResourcesAsync()), resource => resource.Uri == "koubou://status");
        Assert.Equal("succeeded", JsonElement.Parse(task).Text("state"));
        Assert.Equal("answer", await ReadAsync($"koubou://tasks/{id}/output"));
        Assert.Equal("+ 工房\n", await ReadAsync($"koubou://tasks/{id}/artifacts/changes.patch"));
        Assert.Contains(node.Id, await ReadAsync("koubou://status"), StringComparison.Ordinal);
        Assert.Contains(id, completed.Completion.Values);

        async Task<string> ReadAsync(string uri) =>
            Assert.IsType<TextResourceContents>(Assert.Single((await client.ReadResourceAsync(uri)).Contents)).Text;
    }

    [Theory]
    [InlineData(Http)]
    [InlineData(Stdio)]
    public async Task EveryPrompt_CanBeFilledIn(string transport)
    {
        await using var client = await ConnectAsync(transport);

        foreach (var prompt in await client.ListPromptsAsync())
        {
            var arguments = prompt.ProtocolPrompt.Arguments!.ToDictionary(argument => argument.Name, argument => (object?)$"«{argument.Name}»");
            var filled = await client.GetPromptAsync(prompt.Name, arguments);

            var text = Assert.IsType<TextContentBlock>(Assert.Single(filled.Messages).Content).Text;
            Assert.All(arguments.Values, value => Assert.Contains((string)value!, text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Bridge_CarriesFiveMegabytes()
    {
        var type = workshop.NewType();
        await using var client = await ConnectAsync(Stdio);
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);
        var output = string.Concat(Enumerable.Range(0, 700_000).Select(i => $"{i}\n"));

        await node.CompleteAsync(await node.TakeAsync(), output);
        var waited = await client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""");
        var read = await client.ReadResourceAsync($"koubou://tasks/{id}/output");

        Assert.Equal(output.Length, waited["finished"][0].GetProperty("output_length").GetInt32());
        Assert.Equal(output, Assert.IsType<TextResourceContents>(Assert.Single(read.Contents)).Text);
    }

    private Task<McpClient> ConnectAsync(string transport) => transport == Http
        ? workshop.Gateway.ConnectAsync()
        : McpSteps.ConnectByPipesAsync(workshop.Gateway.Main, McpSteps.Newest);
}
