using System.Net;
using Koubou.Gateway.Tests.GraphQL;
using Koubou.Gateway.Tests.Sockets;
using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.Keys;

/// <summary>How much a key may do, counted over all doors.</summary>
public sealed class LimitTests(WorkshopFixture workshop)
{
    private const KeyScopes All = KeyScopes.Submit | KeyScopes.Read;

    [Theory]
    [InlineData("/api/v1/tasks")]
    [InlineData("/graphql")]
    [InlineData("/mcp")]
    public async Task Rate_Exceeded_IsToldWithWhenToComeAgain(string path)
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights { Scopes = All, RequestsPerMinute = 2 });
        await keyed.Http.ReadAsync("/api/v1/status", key);
        await keyed.Http.ReadAsync("/api/v1/status", key);

        var answer = await keyed.Http.PostAsync(path, """{"query":"{ systemStatus { nodes } }"}""", key);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        Assert.InRange(answer.Raw.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 31);
        Assert.Contains("2 requests a minute", await answer.Raw.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Rate_OnASocket_CountsEachMessage()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights { Scopes = All, RequestsPerMinute = 2 });
        await using var socket = await SocketClient.ConnectAsync(keyed.Gateway.WebSocket, key);

        await socket.SendAsync("""{"type":"ping"}""");
        await socket.NextAsync("pong");
        await socket.SendAsync("""{"type":"submit_task","payload":{"prompt":"a"}}""");
        var refusal = (await socket.NextAsync("error")).GetProperty("payload");

        Assert.Equal("urn:koubou:problem:rate_exceeded", refusal.Text("type"));
    }

    [Fact]
    public async Task Rate_OfAGraphQlList_CountsEachEntry()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights { Scopes = All, RequestsPerMinute = 2 });
        const string Entry = """{"query":"{ systemStatus { nodes } }"}""";

        var answer = await keyed.Http.PostAsync("/graphql", $"[{Entry},{Entry},{Entry}]", key);

        Assert.Equal(
            [false, false, true], answer.Body.EnumerateArray().Select(entry => entry.TryGetProperty("errors", out _)));
    }

    [Fact]
    public async Task Rate_OfAnotherKey_IsItsOwn()
    {
        await using var keyed = new KeyedGateway(workshop);
        var one = await keyed.NewKeyAsync(new KeyRights { Scopes = All, RequestsPerMinute = 1 });
        var other = await keyed.NewKeyAsync(new KeyRights { Scopes = All, RequestsPerMinute = 1 });
        await keyed.Http.ReadAsync("/api/v1/status", one);

        var answer = await keyed.Http.ReadAsync("/api/v1/status", other);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task Concurrency_CountsOpenStreams_AndFreesThemAtTheirEnd()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights { Scopes = All, ConcurrencyMax = 1 });
        Answer held;
        await using (await SocketClient.ConnectAsync(keyed.Gateway.WebSocket, key))
        {
            held = await keyed.Http.ReadAsync("/api/v1/status", key);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, held.Status);
        Assert.Equal("urn:koubou:problem:concurrency_exceeded", held["type"].GetString());
        Answer after;
        do
        {
            after = await keyed.Http.ReadAsync("/api/v1/status", key);
        }
        while (after.Status == HttpStatusCode.TooManyRequests);

        Assert.Equal(HttpStatusCode.OK, after.Status);
    }

    [Fact]
    public async Task LiveTasks_AtTheirLimit_AreRefusedUntilOneIsDone()
    {
        await using var keyed = new KeyedGateway(workshop);
        var type = workshop.NewType();
        var task = $$"""{"type":"{{type}}","prompt":"a"}""";
        var key = await keyed.NewKeyAsync(new KeyRights { Scopes = All, LiveTasksMax = 2 });

        var batch = await keyed.Http.PostAsync("/api/v1/tasks/batch", $$"""{"tasks":[{{task}},{{task}},{{task}}]}""", key);
        var first = await keyed.Http.PostAsync("/api/v1/tasks", task, key);
        var second = await keyed.Http.PostAsync("/api/v1/tasks", task, key);
        var third = await keyed.Http.PostAsync("/api/v1/tasks", task, key);
        await keyed.Http.PostAsync($"/api/v1/tasks/{first["id"]}/cancel", "{}", key);
        var fourth = await keyed.Http.PostAsync("/api/v1/tasks", task, key);

        Assert.Equal(
            [HttpStatusCode.TooManyRequests, HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.TooManyRequests, HttpStatusCode.Created],
            new[] { batch, first, second, third, fourth }.Select(answer => answer.Status));
        Assert.NotNull(third.Raw.Headers.RetryAfter);
    }

    [Fact]
    public async Task Priority_AboveTheCeiling_IsAFault_AndThePresetStaysBelow()
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(new KeyRights { Scopes = All, PriorityMax = 3 });

        var high = await keyed.Http.PostAsync("/task/delegate", """{"prompt":"a","priority":4}""", key);
        var preset = await keyed.Http.PostAsync("/api/v1/tasks", """{"prompt":"a"}""", key);
        var record = await keyed.Http.ReadAsync(preset["url"].GetString()!, key);

        Assert.Contains("must be at most 3", high.Fault("priority"));
        Assert.Equal(3, record["priority"].GetInt32());
    }

    [Theory]
    [InlineData(All, "private", false)]
    [InlineData(All | KeyScopes.AllowPrivate, "private", true)]
    [InlineData(All | KeyScopes.AllowPrivate, "any", false)]
    [InlineData(All | KeyScopes.AllowAny, "private", true)]
    [InlineData(All | KeyScopes.AllowAny, "any", true)]
    [InlineData(KeyScopes.Admin, "any", false)]
    public async Task Policy_LooserThanTheWorkshops_NeedsItsScope(KeyScopes scopes, string policy, bool allowed)
    {
        var home = Directory.CreateTempSubdirectory("koubou-strict-").FullName;
        await using var scheduler = await SchedulerHost.StartAsync(home, "--Queue:Limits:LoosestDataPolicy=Local");
        await using var keyed = new KeyedGateway(workshop, ("Koubou:Scheduler:Address", scheduler.Address));
        var key = await keyed.NewKeyAsync(scopes);
        var body = $$"""{"prompt":"a","data_policy":"{{policy}}"}""";

        var rest = await keyed.Http.PostAsync("/task/delegate", body, key);
        var graphQl = await keyed.Http.PostAsync(
            "/graphql", $$"""{"query":"mutation { submitTask(prompt: \"a\", dataPolicy: \"{{policy}}\") { id } }"}""", key);

        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.BadRequest, rest.Status);
        Assert.Equal(!allowed, graphQl.Body.TryGetProperty("errors", out _));
        if (!allowed)
        {
            Assert.Contains($"allow-{policy}", rest.Fault("data_policy"));
        }
    }
}
