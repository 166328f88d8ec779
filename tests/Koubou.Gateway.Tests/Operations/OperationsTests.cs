using System.Net;
using System.Text;
using Koubou.Contracts;
using Koubou.Gateway.Tests.GraphQL;
using Koubou.Gateway.Tests.Keys;
using Koubou.Gateway.Tests.Mcp;
using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.Operations;

/// <summary>Batches, the dead letter, backups and the state of the workshop, over REST and GraphQL.</summary>
public sealed class OperationsTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Batch_IsListedReadCancelledAndDeleted()
    {
        var (type, batch) = (workshop.NewType(), $"batch-{Guid.CreateVersion7()}");
        await workshop.Http.PostAsync(
            "/api/v1/tasks/batch",
            $$"""{"batch_id":"{{batch}}","tasks":[{"type":"{{type}}","prompt":"a"},{"type":"{{type}}","prompt":"b"}]}""");

        var listed = await workshop.Http.ReadAsync("/api/v1/batches?page_size=1000");
        var read = await workshop.Http.ReadAsync($"/api/v1/batches/{batch}");
        var graph = await workshop.Http.QueryAsync($$"""{ batch(id: "{{batch}}") { id total tasks dataPolicy } batches(first: 1) { nodes { id } pageInfo { hasNextPage } } }""");
        var cancelled = await workshop.Http.PostAsync($"/api/v1/batches/{batch}/cancel", "");
        var deleted = await workshop.Http.QueryAsync($$"""mutation { deleteBatch(id: "{{batch}}") { changed } }""");
        var gone = await workshop.Http.ReadAsync($"/api/v1/batches/{batch}");
        var missing = await workshop.Http.QueryAsync($$"""{ batch(id: "{{batch}}") { id } }""");

        Assert.Contains(listed["batches"].EnumerateArray(), entry => entry.Text("id") == batch);
        Assert.Equal((2, 2), (read["total"].GetInt32(), read["tasks"].GetProperty("queued").GetInt32()));
        Assert.Equal("local", graph.GetProperty("batch").Text("dataPolicy"));
        Assert.Equal(2, cancelled["changed"].GetInt32());
        Assert.Equal(2, deleted.GetProperty("deleteBatch").GetProperty("changed").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, gone.Status);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, missing.GetProperty("batch").ValueKind);
    }

    [Fact]
    public async Task Batch_OfAnotherKey_IsLeftAlone()
    {
        await using var keyed = new KeyedGateway(workshop);
        var (mine, other) = (await keyed.NewKeyAsync(KeyScopes.Submit), await keyed.NewKeyAsync(KeyScopes.Submit));
        var (type, batch) = (workshop.NewType(), $"batch-{Guid.CreateVersion7()}");
        await keyed.Http.PostAsync(
            "/api/v1/tasks", $$"""{"type":"{{type}}","prompt":"a","batch_id":"{{batch}}"}""", other);

        var foreign = await keyed.Http.PostAsync($"/api/v1/batches/{batch}/cancel", "", mine);
        var own = await keyed.Http.PostAsync($"/api/v1/batches/{batch}/cancel", "", other);

        Assert.Equal(0, foreign["changed"].GetInt32());
        Assert.Equal(1, own["changed"].GetInt32());
    }

    [Fact]
    public async Task DeadLetter_IsListedReplayedAndPurged()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await workshop.Http.DelegateAsync(type));
            await node.FailAsync(await node.TakeAsync(), "broken", "It broke.");
            await workshop.HappenedAsync(ids[i], EventKind.Failed);
        }

        var listed = await workshop.Http.ReadAsync($"/api/v1/dead-letter?type={type}");
        var one = await workshop.Http.PostAsync($"/api/v1/dead-letter/{ids[0]}/replay", "");
        var early = await workshop.Http.DeleteAsync($"/api/v1/dead-letter?type={type}&finished_before=2001-01-01");
        var purged = await (await workshop.Http.DeleteAsync($"/api/v1/dead-letter?type={type}&finished_before=2999-01-01")).ReadAsync();
        var replayed = await workshop.Http.PostAsync($"/api/v1/dead-letter/replay?type={type}", "");
        var bad = await workshop.Http.PostAsync("/api/v1/dead-letter/replay?finished_before=soon&state=queued", "");

        Assert.Equal(3, listed["tasks"].GetArrayLength());
        Assert.Equal("queued", one["state"].GetString());
        Assert.Equal(0, (await early.ReadAsync())["changed"].GetInt32());
        Assert.Equal(2, purged["changed"].GetInt32());
        Assert.Equal(0, replayed["changed"].GetInt32());
        Assert.Equal(["finished_before", "state"], bad.FaultFields);
    }

    [Fact]
    public async Task Export_TakenInElsewhere_IsTheSameTask()
    {
        await using var elsewhere = await WorkshopFixture.StartAsync();
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.Http.DelegateAsync(type, "Say 工房.");
        await node.CompleteAsync(await node.TakeAsync(), "工房\nline two");
        await workshop.HappenedAsync(id, EventKind.Succeeded);

        var exported = await workshop.Http.GetStringAsync($"/api/v1/export?type={type}");
        using var first = new StringContent(exported, Encoding.UTF8, "application/x-ndjson");
        using var second = new StringContent(exported + "{\"id\":7}\n", Encoding.UTF8, "application/x-ndjson");
        var imported = await (await elsewhere.Http.PostAsync("/api/v1/import", first)).ReadAsync();
        var broken = await (await elsewhere.Http.PostAsync("/api/v1/import", second)).ReadAsync();
        var here = (await workshop.Http.ReadAsync($"/api/v1/tasks/{id}")).Body;
        var there = (await elsewhere.Http.ReadAsync($"/api/v1/tasks/{id}")).Body;

        Assert.Single(exported.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((1, 0), (imported["imported"].GetInt32(), imported["passed_over"].GetInt32()));
        Assert.Equal("is no exported task", broken.Fault("line 2"));
        Assert.Equal(
            (here.Text("output"), here.Text("state"), here.Text("submitted_at")),
            (there.Text("output"), there.Text("state"), there.Text("submitted_at")));
    }

    [Fact]
    public async Task State_HealthMetricsAndSettings_AreAnswered()
    {
        var health = await workshop.Http.ReadAsync("/api/v1/health");
        var metrics = await workshop.Http.ReadAsync("/api/v1/metrics?step_seconds=300");
        var graph = await workshop.Http.QueryAsync("{ metrics(stepSeconds: 60) { at submitted slots } health { healthy findings { code remedy } } }");
        var settings = await workshop.Http.ReadAsync("/api/v1/settings");
        var bad = await workshop.Http.ReadAsync("/api/v1/metrics?from=soon&step_seconds=x");

        Assert.Equal(HttpStatusCode.OK, health.Status);
        Assert.InRange(metrics["points"].GetArrayLength(), 11, 14);
        Assert.InRange(graph.GetProperty("metrics").GetArrayLength(), 59, 62);
        Assert.NotEmpty(settings["settings"].EnumerateArray());
        Assert.Equal(["from", "step_seconds"], bad.FaultFields);
    }

    [Fact]
    public async Task Worker_IsDrainedLimitedAndResumed()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);

        var drained = await workshop.Http.PostAsync($"/api/v1/workers/{node.Id}/drain", "");
        using var limits = new StringContent("""{"slots_max":1}""", Encoding.UTF8, "application/json");
        var limited = await workshop.Http.PutAsync($"/api/v1/workers/{node.Id}/limits", limits);
        var resumed = await workshop.Http.QueryAsync($$"""mutation { resumeWorker(id: "{{node.Id}}") { id draining } }""");
        var unknown = await workshop.Http.PostAsync("/api/v1/workers/nobody/drain", "");

        Assert.True(drained["draining"].GetBoolean());
        Assert.Equal(HttpStatusCode.OK, limited.StatusCode);
        Assert.False(resumed.GetProperty("resumeWorker").GetProperty("draining").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
    }

    [Theory]
    [InlineData("GET", "/api/v1/export")]
    [InlineData("POST", "/api/v1/import")]
    [InlineData("GET", "/api/v1/settings")]
    [InlineData("POST", "/api/v1/workers/x/drain")]
    [InlineData("PUT", "/api/v1/workers/x/limits")]
    public async Task OperatorsWork_NeedsTheScopeAdmin(string method, string path)
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Read | KeyScopes.Submit);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add(key.Name, key.Value);

        using var response = await keyed.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Mcp_BatchWithDependencies_PassesAnswersOn()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);

        var batch = await client.CallAsync("delegate_many", $$"""
            {"common":{"type":"{{type}}"},"tasks":[{"prompt":"first"},{"prompt":"second","depends_on":["#0"],"pass_outputs":true}]}
            """);
        Assert.False(batch.IsError, batch.Text);
        await node.CompleteAsync(await node.TakeAsync(), "one");
        var second = await node.TakeAsync();

        Assert.Equal("second", second.Spec.Prompt);
        Assert.Equal("one", Assert.Single(second.Inputs).Output);
    }
}
