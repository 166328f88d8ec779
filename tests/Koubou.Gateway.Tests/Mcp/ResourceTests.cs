using System.Text;
using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Tests.Mcp;

public sealed class ResourceTests(WorkshopFixture workshop)
{
    public static TheoryData<string> BothKinds => [McpSteps.Sessions, McpSteps.Newest];

    [Fact]
    public async Task Read_OfAFinishedTask_GivesTaskAndWholeOutput()
    {
        const int Megabytes = 5;
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type, "Write a lot.");
        var output = string.Concat(Enumerable.Repeat("0123456789 工房\n", Megabytes * 1024 * 1024 / 18));
        await node.CompleteAsync(await node.TakeAsync(), output);
        var waited = await client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""");

        var task = await ReadAsync(client, $"koubou://tasks/{id}");
        var whole = await ReadAsync(client, $"koubou://tasks/{id}/output");
        var listed = await client.ListResourcesAsync();

        Assert.Equal("succeeded", JsonElement.Parse(task.Text).Text("state"));
        Assert.Equal("application/json", task.MimeType);
        Assert.Equal(output, whole.Text);
        Assert.Contains(listed, resource => resource.Uri == $"koubou://tasks/{id}/output" && resource.Title == "Write a lot.");
        Assert.Contains(listed, resource => resource.Uri == "koubou://status");
        Assert.InRange(waited.Text.Length, 1_000, 6_000);
    }

    [Fact]
    public async Task Read_OfTheStatus_IsTheWorkshopAsJson()
    {
        await using var client = await workshop.Gateway.ConnectAsync();

        var status = JsonElement.Parse((await ReadAsync(client, "koubou://status")).Text);

        Assert.Equal(JsonValueKind.Object, status.GetProperty("tasks").ValueKind);
        Assert.Contains(status.GetProperty("types").EnumerateArray(), known => known.Text("name") == "general");
    }

    [Theory]
    [MemberData(nameof(BothKinds))]
    public async Task Read_OfWhatIsNotThere_SaysWhatToDo(string version)
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync(version);
        var id = await client.DelegateAsync(type);

        var unknown = await Refused(client, "koubou://tasks/nothing/output");
        var early = await Refused(client, $"koubou://tasks/{id}/output");
        var file = await Refused(client, $"koubou://tasks/{id}/artifacts/a.txt");

        var code = version == McpSteps.Newest ? McpErrorCode.InvalidParams : McpErrorCode.ResourceNotFound;
        Assert.Equal((code, code, code), (unknown.ErrorCode, early.ErrorCode, file.ErrorCode));
        Assert.Contains("No task has the id 'nothing'", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("is queued. Subscribe", early.Message, StringComparison.Ordinal);
        Assert.Contains("left no files", file.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListTemplates_ShowsEveryAddress()
    {
        await using var client = await workshop.Gateway.ConnectAsync();

        var templates = await client.ListResourceTemplatesAsync();

        Assert.Equal(
            ["koubou://tasks/{id}", "koubou://tasks/{id}/artifacts/{name}", "koubou://tasks/{id}/output"],
            templates.Select(template => template.UriTemplate).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Complete_OfIdsBatchesAndTypes_OffersWhatBeginsSo()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var other = await workshop.Gateway.ConnectAsync();
        var batch = await client.CallAsync("delegate_many", $$"""
            {"tasks":[{"prompt":"a"}],"common":{"type":"{{type}}"},"batch_id":"night-{{type}}"}
            """);
        var id = batch["ids"][0].GetString()!;
        var task = new ResourceTemplateReference { Uri = "koubou://tasks/{id}" };
        var review = new PromptReference { Name = "review-results" };

        Assert.Equal([id], (await client.CompleteAsync(task, "id", id[..9])).Completion.Values);
        Assert.Empty((await other.CompleteAsync(task, "id", id[..9])).Completion.Values);
        Assert.Equal([$"night-{type}"], (await client.CompleteAsync(review, "batch_id", "NIGHT")).Completion.Values);
        Assert.Equal(["general"], (await client.CompleteAsync(review, "type", "gen")).Completion.Values);
        Assert.Empty((await client.CompleteAsync(review, "nothing", "")).Completion.Values);
    }

    [Fact]
    public async Task Prompts_AreThreeAndTakeTheirArguments()
    {
        await using var client = await workshop.Gateway.ConnectAsync();

        var prompts = await client.ListPromptsAsync();
        var plan = await TextOf(client, "plan-and-delegate", new() { ["goal"] = "Ship it." });
        var review = await TextOf(client, "review-results", []);
        var map = await TextOf(client, "map-reduce-files", new() { ["files"] = "src/*.cs", ["question"] = "Is it tested?" });

        Assert.Equal(["map-reduce-files", "plan-and-delegate", "review-results"], prompts.Select(prompt => prompt.Name).Order());
        Assert.Contains("Goal: Ship it.", plan, StringComparison.Ordinal);
        Assert.Contains("unread", review, StringComparison.Ordinal);
        Assert.Contains("Is it tested?", map, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscription_OfASession_TellsEveryChangeUntilItEnds()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync(McpSteps.Sessions);
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);
        var told = System.Threading.Channels.Channel.CreateUnbounded<string>();

        await using (await client.SubscribeToResourceAsync(
            $"koubou://tasks/{id}", (update, token) => told.Writer.WriteAsync(update.Uri, token), cancellationToken: Patience()))
        {
            var work = await node.TakeAsync();
            Assert.Equal($"koubou://tasks/{id}", await told.Reader.ReadAsync(Patience()));
            await node.CompleteAsync(work, "x");
            Assert.Equal($"koubou://tasks/{id}", await told.Reader.ReadAsync(Patience()));
        }
    }

    [Fact]
    public async Task Subscription_OfOneLongRequest_IsAcknowledgedAndTellsEveryChange()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = new StringContent(
                $$$"""
                {
                  "jsonrpc": "2.0", "id": 7, "method": "subscriptions/listen",
                  "params": {
                    "notifications": { "resourceSubscriptions": ["koubou://tasks/{{{id}}}/output"], "toolsListChanged": true },
                    "_meta": {
                      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                      "io.modelcontextprotocol/clientCapabilities": {}
                    }
                  }
                }
                """,
                Encoding.UTF8,
                "application/json"),
        };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", McpSteps.Newest);
        request.Headers.Add("Mcp-Method", "subscriptions/listen");

        using var response = await workshop.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Patience());
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Patience()));
        var acknowledged = await NextAsync(lines);
        await node.TakeAsync();
        var updated = await NextAsync(lines);

        Assert.Equal("notifications/subscriptions/acknowledged", acknowledged.Text("method"));
        Assert.Equal(
            $$"""{"resourceSubscriptions":["koubou://tasks/{{id}}/output"]}""",
            acknowledged.GetProperty("params").GetProperty("notifications").GetRawText());
        Assert.Equal("notifications/resources/updated", updated.Text("method"));
        Assert.Equal($"koubou://tasks/{id}/output", updated.GetProperty("params").Text("uri"));
        Assert.Equal(
            7, updated.GetProperty("params").GetProperty("_meta").GetProperty("io.modelcontextprotocol/subscriptionId").GetInt32());
    }

    [Fact]
    public async Task Subscription_OfWhatCannotChange_IsRefused()
    {
        await using var client = await workshop.Gateway.ConnectAsync(McpSteps.Sessions);

        var error = await Assert.ThrowsAsync<McpProtocolException>(() => client.SubscribeToResourceAsync("file:///etc/passwd"));

        Assert.Contains("koubou://status", error.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Patience() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private static async Task<TextResourceContents> ReadAsync(McpClient client, string uri) =>
        Assert.IsType<TextResourceContents>(Assert.Single((await client.ReadResourceAsync(uri)).Contents));

    private static Task<McpProtocolException> Refused(McpClient client, string uri) =>
        Assert.ThrowsAsync<McpProtocolException>(() => client.ReadResourceAsync(uri).AsTask());

    private static async Task<string> TextOf(McpClient client, string name, Dictionary<string, object?> arguments) =>
        Assert.IsType<TextContentBlock>(Assert.Single((await client.GetPromptAsync(name, arguments)).Messages).Content).Text;

    private static async Task<JsonElement> NextAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync(Patience()) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonElement.Parse(line["data: ".Length..]);
            }
        }

        throw new InvalidOperationException("The stream ended.");
    }
}
