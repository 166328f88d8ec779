using System.Net;
using System.Net.WebSockets;
using Koubou.Gateway.Tests.GraphQL;
using Koubou.Gateway.Tests.Mcp;
using Koubou.Gateway.Tests.Sockets;
using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.Keys;

/// <summary>What a key does not grant is refused at every door, in that door's form.</summary>
public sealed class ScopeTests(WorkshopFixture workshop)
{
    private const string Task = """{"prompt":"a"}""";
    private const string Mutation = """{"query":"mutation { submitTask(prompt: \"a\") { id } }"}""";
    private const string Query = """{"query":"{ systemStatus { pendingTasks } }"}""";

    [Theory]
    [InlineData("/task/delegate")]
    [InlineData("/task/code")]
    [InlineData("/api/v1/tasks")]
    [InlineData("/api/v1/tasks/batch")]
    [InlineData("/api/v1/tasks/x/cancel")]
    [InlineData("/api/v1/tasks/cancel")]
    [InlineData("/api/v1/keys")]
    public async Task ReadKey_OverRest_MayNotChange(string path)
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Read);

        var answer = await keyed.Http.PostAsync(path, Task, key);

        Assert.Equal((HttpStatusCode)403, answer.Status);
        Assert.Equal("urn:koubou:problem:scope_missing", answer["type"].GetString());
    }

    [Theory]
    [InlineData("/task/x/status")]
    [InlineData("/api/v1/tasks")]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/workers")]
    [InlineData("/ws")]
    [InlineData("/dashboard")]
    [InlineData("/api/v1/keys")]
    public async Task SubmitKey_OverRest_MayNotRead(string path)
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Submit);

        var answer = await keyed.Http.ReadAsync(path, key);

        Assert.Equal((HttpStatusCode)403, answer.Status);
    }

    [Fact]
    public async Task AdminKey_MayDoAllButLoosenThePolicy()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Admin);

        var submitted = await keyed.Http.PostAsync("/task/delegate", Task, key);
        var listed = await keyed.Http.ReadAsync("/api/v1/tasks", key);
        var keys = await keyed.Http.ReadAsync("/api/v1/keys", key);

        Assert.Equal(HttpStatusCode.OK, submitted.Status);
        Assert.Equal(HttpStatusCode.OK, listed.Status);
        Assert.Equal(HttpStatusCode.OK, keys.Status);
    }

    [Theory]
    [InlineData(KeyScopes.Read, Mutation, "submit")]
    [InlineData(KeyScopes.Submit, Query, "read")]
    public async Task Key_OverGraphQl_IsRefusedInItsForm(KeyScopes scopes, string body, string lacking)
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(scopes);

        var answer = await keyed.Http.PostAsync("/graphql", body, key, ("Accept", "application/graphql-response+json"));
        var batch = await keyed.Http.PostAsync("/graphql", $"[{body}]", key);

        Assert.Equal((HttpStatusCode)403, answer.Status);
        var error = Assert.Single(answer["errors"].EnumerateArray());
        Assert.Contains($"lacks the scope {lacking}", error.Text("message"));
        Assert.Equal("scope_missing", error.GetProperty("extensions").Text("code"));
        Assert.Equal("scope_missing", batch.Body[0].GetProperty("errors")[0].GetProperty("extensions").Text("code"));
    }

    [Theory]
    [InlineData("/graphql")]
    [InlineData("/mcp")]
    public async Task NoKey_IsRefusedInTheDoorsForm(string path)
    {
        await using var keyed = new KeyedGateway(workshop);
        await keyed.NewKeyAsync(KeyScopes.Read);

        var answer = await keyed.Http.PostAsync(path, Query);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal("Bearer", Assert.Single(answer.Raw.Headers.WwwAuthenticate).Scheme);
        if (path == "/mcp")
        {
            Assert.Contains("API key", answer["error"].Text("message"));
        }
        else
        {
            Assert.Equal("key_required", answer["errors"][0].GetProperty("extensions").Text("code"));
        }
    }

    [Fact]
    public async Task ReadKey_OverWebSocket_MayWatchAndNotSubmit()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Read);
        await using var socket = await SocketClient.ConnectAsync(keyed.Gateway.WebSocket, key);

        await socket.SendAsync("""{"type":"submit_task","request_id":1,"payload":{"prompt":"a"}}""");
        var submitted = (await socket.NextAsync("error")).GetProperty("payload");
        await socket.SendAsync("""{"type":"cancel_task","request_id":2,"payload":{"task_id":"x"}}""");
        var cancelled = (await socket.NextAsync("error")).GetProperty("payload");

        Assert.Equal(403, submitted.GetProperty("status").GetInt32());
        Assert.Equal("urn:koubou:problem:scope_missing", cancelled.Text("type"));
    }

    [Fact]
    public async Task SubmitKey_OverWebSocket_MayNotConnect()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Submit);

        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.ConnectAsync(keyed.Gateway.WebSocket, key));
    }

    [Theory]
    [InlineData(KeyScopes.Read, "delegate", """{"prompt":"a"}""", "submit")]
    [InlineData(KeyScopes.Read, "delegate_many", """{"tasks":[{"prompt":"a"}]}""", "submit")]
    [InlineData(KeyScopes.Read, "cancel", """{"ids":["x"]}""", "submit")]
    [InlineData(KeyScopes.Read, "retry", """{"ids":["x"]}""", "submit")]
    [InlineData(KeyScopes.Read, "wait", """{"ids":["x"],"cancel_on_abort":true}""", "submit")]
    [InlineData(KeyScopes.Submit, "list_tasks", "{}", "read")]
    [InlineData(KeyScopes.Submit, "get_result", """{"id":"x"}""", "read")]
    [InlineData(KeyScopes.Submit, "workshop_status", "{}", "read")]
    public async Task Key_OverMcp_IsToldWhatItLacks(KeyScopes scopes, string tool, string arguments, string lacking)
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(scopes);
        await using var client = await keyed.Gateway.ConnectAsync(headers: [key]);

        var answer = await client.CallAsync(tool, arguments);

        Assert.True(answer.IsError);
        Assert.Contains($"lacks the scope {lacking}", answer.Text);
    }

    [Fact]
    public async Task SubmitKey_OverMcp_ReadsNoResources()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Submit);
        await using var client = await keyed.Gateway.ConnectAsync(headers: [key]);

        var status = await Assert.ThrowsAsync<ModelContextProtocol.McpProtocolException>(
            async () => await client.ReadResourceAsync("koubou://status"));
        var list = await Assert.ThrowsAsync<ModelContextProtocol.McpProtocolException>(
            async () => await client.ListResourcesAsync());

        Assert.Contains("lacks the scope read", status.Message);
        Assert.Contains("lacks the scope read", list.Message);
    }

    [Fact]
    public async Task SubmitKey_ChangesItsOwnTasksAndNoOthers()
    {
        await using var keyed = new KeyedGateway(workshop);
        var type = workshop.NewType();
        var mine = await keyed.NewKeyAsync(KeyScopes.Submit);
        var other = await keyed.NewKeyAsync(KeyScopes.Submit);
        var admin = await keyed.NewKeyAsync(KeyScopes.Admin);
        var ids = new List<string>();
        foreach (var key in ((string, string)[])[mine, other])
        {
            var answer = await keyed.Http.PostAsync("/api/v1/tasks", $$"""{"type":"{{type}}","prompt":"a"}""", key);
            ids.Add(answer["id"].GetString()!);
        }

        var both = await keyed.Http.PostAsync("/api/v1/tasks/cancel", $$"""{"ids":["{{ids[1]}}","{{ids[0]}}"]}""", mine);
        var single = await keyed.Http.PostAsync($"/api/v1/tasks/{ids[1]}/cancel", "{}", mine);
        var mutation = await keyed.Http.PostAsync(
            "/graphql", $$"""{"query":"mutation { cancelTask(id: \"{{ids[1]}}\") { id } }"}""", mine);
        var byAdmin = await keyed.Http.PostAsync($"/api/v1/tasks/{ids[1]}/cancel", "{}", admin);

        Assert.Equal(["unknown_id", "changed"], both["results"].EnumerateArray().Select(result => result.Text("outcome")));
        Assert.Equal(HttpStatusCode.NotFound, single.Status);
        Assert.Equal("unknown_task", mutation["errors"][0].GetProperty("extensions").Text("code"));
        Assert.Equal(HttpStatusCode.OK, byAdmin.Status);
    }
}
