using System.Text;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Mcp;

/// <summary>The tasks extension by its wire format, because the SDK's client does not speak it.</summary>
public sealed class DeferredTests(WorkshopFixture workshop)
{
    private const string Declared = """{"extensions":{"io.modelcontextprotocol/tasks":{}}}""";

    [Fact]
    public async Task Delegate_ByAClientThatDeclaresTheExtension_IsATaskWhoseResultIsFetchedLater()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);

        var created = await DelegateAsync(type);
        var id = created.Text("taskId");
        var before = await SendAsync("tasks/get", id);
        await node.CompleteAsync(await node.TakeAsync(), "the answer");
        await workshop.HappenedAsync(id, EventKind.Succeeded);
        var after = await SendAsync("tasks/get", id);
        var updated = await SendAsync("tasks/update", id);

        Assert.Equal(("task", "working"), (created.Text("resultType"), created.Text("status")));
        Assert.Equal(JsonValueKind.Null, created.GetProperty("ttlMs").ValueKind);
        Assert.Equal(1_000, created.GetProperty("pollIntervalMs").GetInt32());
        Assert.Equal(("complete", "working"), (before.Text("resultType"), before.Text("status")));
        Assert.Contains("queued", before.Text("statusMessage"), StringComparison.Ordinal);
        Assert.Equal("completed", after.Text("status"));
        var result = after.GetProperty("result");
        Assert.Equal("the answer", result.GetProperty("structuredContent").GetProperty("result").Text("output"));
        Assert.Contains("the answer", result.GetProperty("content")[0].Text("text"), StringComparison.Ordinal);
        Assert.Equal("complete", updated.Text("resultType"));
    }

    [Fact]
    public async Task Task_ThatFails_IsACompletedCallWithAnError()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = (await DelegateAsync(type)).Text("taskId");

        await node.FailAsync(await node.TakeAsync(), "refused", "The model refuses.");
        await workshop.HappenedAsync(id, EventKind.Failed);
        var task = await SendAsync("tasks/get", id);

        Assert.Equal("completed", task.Text("status"));
        Assert.True(task.GetProperty("result").GetProperty("isError").GetBoolean());
        Assert.Contains("The model refuses.", task.GetProperty("result").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_OfADeferredCall_EndsTheTask()
    {
        var id = (await DelegateAsync(workshop.NewType())).Text("taskId");

        var cancelled = await SendAsync("tasks/cancel", id);
        var task = await SendAsync("tasks/get", id);

        Assert.Equal("complete", cancelled.Text("resultType"));
        Assert.Equal("cancelled", task.Text("status"));
    }

    [Fact]
    public async Task Get_WithoutTheExtensionOrWithAnUnknownId_IsRefused()
    {
        var undeclared = await PostAsync("tasks/get", """{"taskId":"x"}""", "{}", "x");
        var unknown = await PostAsync("tasks/get", """{"taskId":"x"}""", Declared, "x");
        var faulty = await DelegateRawAsync("""{"prompt":""}""");

        Assert.Equal(-32021, undeclared.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(-32602, unknown.GetProperty("error").GetProperty("code").GetInt32());
        Assert.True(faulty.GetProperty("isError").GetBoolean());
    }

    [Fact]
    public async Task Delegate_ByAnyOtherClient_IsAnsweredAtOnce()
    {
        await using var client = await workshop.Gateway.ConnectAsync();

        var answer = await client.CallAsync("delegate", $$"""{"type":"{{workshop.NewType()}}","prompt":"a"}""");

        Assert.Equal("queued", answer["state"].GetString());
    }

    private Task<JsonElement> DelegateAsync(string type) => DelegateRawAsync($$"""{"type":"{{type}}","prompt":"a"}""");

    private async Task<JsonElement> DelegateRawAsync(string arguments) => (await PostAsync(
        "tools/call", $$"""{"name":"delegate","arguments":{{arguments}}}""", Declared, "delegate")).GetProperty("result");

    private async Task<JsonElement> SendAsync(string method, string id) =>
        (await PostAsync(method, $$"""{"taskId":"{{id}}"}""", Declared, id)).GetProperty("result");

    private async Task<JsonElement> PostAsync(string method, string parameters, string capabilities, string name)
    {
        var fields = System.Text.Json.Nodes.JsonNode.Parse(parameters)!.AsObject();
        fields["_meta"] = System.Text.Json.Nodes.JsonNode.Parse($$"""
            {
              "io.modelcontextprotocol/protocolVersion": "2026-07-28",
              "io.modelcontextprotocol/clientInfo": { "name": "deferring", "version": "1" },
              "io.modelcontextprotocol/clientCapabilities": {{capabilities}}
            }
            """);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = new StringContent(
                $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{fields.ToJsonString()}}}""",
                Encoding.UTF8,
                "application/json"),
        };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", McpSteps.Newest);
        request.Headers.Add("Mcp-Method", method);
        request.Headers.Add("Mcp-Name", name);
        using var response = await workshop.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var data = text.Split('\n').FirstOrDefault(line => line.StartsWith("data: ", StringComparison.Ordinal));
        return JsonElement.Parse(data?["data: ".Length..] ?? text);
    }
}
