using System.Net;
using System.Text.Json;
using Koubou.Gateway.Tests.Keys;
using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.GraphQL;

/// <summary>What operators do, over GraphQL as over REST.</summary>
public sealed class OperationsTests(WorkshopFixture workshop)
{
    /// <summary>Every operation of the API document, and what does the same here; null: why nothing does is said beside it.</summary>
    private static readonly Dictionary<string, string?> Counterparts = new()
    {
        ["delegate"] = "Mutation.submitTask",
        ["delegateOfType"] = "Mutation.submitTask",
        ["taskStatus"] = "Query.task",
        ["submitTask"] = "Mutation.submitTask",
        ["submitBatch"] = "Mutation.submitTasks",
        ["listTasks"] = "Query.tasks",
        ["getTask"] = "Query.task",
        ["getOutput"] = "Query.task",
        ["streamOutput"] = "Subscription.taskOutput",
        ["cancelTask"] = "Mutation.cancelTask",
        ["retryTask"] = "Mutation.retryTask",
        ["deleteTask"] = "Mutation.deleteTask",
        ["cancelTasks"] = "Mutation.cancelTasks",
        ["retryTasks"] = "Mutation.retryTasks",
        ["listWorkers"] = "Query.workers",
        ["workshopStatus"] = "Query.systemStatus",
        ["listTypes"] = "Query.taskTypes",
        ["streamEvents"] = "Subscription.taskEvents",
        ["listBatches"] = "Query.batches",
        ["getBatch"] = "Query.batch",
        ["cancelBatch"] = "Mutation.cancelBatch",
        ["deleteBatch"] = "Mutation.deleteBatch",
        ["listDeadLetter"] = "Query.tasks",
        ["replayOne"] = "Mutation.retryTask",
        ["replayDeadLetter"] = "Mutation.replayDeadLetter",
        ["purgeDeadLetter"] = "Mutation.purgeDeadLetter",
        ["workshopHealth"] = "Query.health",
        ["workshopMetrics"] = "Query.metrics",
        ["workshopSettings"] = "Query.settings",
        ["drainWorker"] = "Mutation.drainWorker",
        ["resumeWorker"] = "Mutation.resumeWorker",
        ["limitWorker"] = "Mutation.limitWorker",
        ["listKeys"] = "Query.keys",
        ["addKey"] = "Mutation.addKey",
        ["revokeKey"] = "Mutation.revokeKey",

        // Bytes of any kind and size, which one JSON answer cannot carry.
        ["getArtifact"] = null,

        // Streams of lines without end, which a single answer would have to hold in memory.
        ["exportTasks"] = null,
        ["importTasks"] = null,
    };

    [Fact]
    public async Task EveryOperationOfRest_HasItsFieldHere()
    {
        var document = await workshop.Http.ReadAsync("/openapi/v1.json");
        var operations = document["paths"].EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .Select(method => method.Value.Text("operationId"))
            .Order();
        var schema = (await workshop.Http.QueryAsync(
            "{ __schema { types { name fields { name } } } }")).GetProperty("__schema").GetProperty("types");
        var fields = schema.EnumerateArray()
            .Where(type => type.GetProperty("fields").ValueKind == JsonValueKind.Array)
            .SelectMany(type => type.GetProperty("fields").EnumerateArray().Select(field => $"{type.Text("name")}.{field.Text("name")}"))
            .ToHashSet();

        Assert.Equal(Counterparts.Keys.Order(), operations);
        Assert.DoesNotContain(Counterparts.Values, field => field is not null && !fields.Contains(field));
    }

    [Fact]
    public async Task Keys_AreMadeListedAndRevoked()
    {
        await using var keyed = new KeyedGateway(workshop);
        var admin = await keyed.NewKeyAsync(KeyScopes.Admin);

        var made = (await AskAsync(keyed, admin,
            """mutation { addKey(name: "ci", scopes: ["read"], requestsPerMinute: 60, priorityMax: 7, expiresAt: "2090-01-01T00:00:00Z") { id key name scopes priorityMax expiresAt } }"""))
            .GetProperty("data").GetProperty("addKey");
        var key = ("X-Api-Key", made.Text("key"));
        var open = await keyed.Http.ReadAsync("/api/v1/status", key);
        var listed = (await AskAsync(keyed, admin, "{ keys { id name key requestsPerMinute } }")).GetProperty("data").GetProperty("keys");
        var revoked = await AskAsync(keyed, admin, $$"""mutation { revokeKey(id: \"{{made.Text("id")}}\") }""");
        var again = await AskAsync(keyed, admin, $$"""mutation { revokeKey(id: \"{{made.Text("id")}}\") }""");
        var shut = await keyed.Http.ReadAsync("/api/v1/status", key);

        Assert.Equal(("ci", 7), (made.Text("name"), made.GetProperty("priorityMax").GetInt32()));
        Assert.Equal(HttpStatusCode.OK, open.Status);
        var entry = Assert.Single(listed.EnumerateArray(), entry => entry.Text("name") == "ci");
        Assert.Equal((60, JsonValueKind.Null), (entry.GetProperty("requestsPerMinute").GetInt32(), entry.GetProperty("key").ValueKind));
        Assert.Equal(made.Text("id"), revoked.GetProperty("data").Text("revokeKey"));
        Assert.Equal("unknown_key", again.GetProperty("errors")[0].GetProperty("extensions").Text("code"));
        Assert.Equal(HttpStatusCode.Unauthorized, shut.Status);
    }

    [Fact]
    public async Task Keys_WishedWithFaults_AreNamedInTheNamesOfThisDoor()
    {
        var refusal = await workshop.Http.RefusalAsync(
            """mutation { addKey(name: "", scopes: ["submitt"], priorityMax: 11, expiresAt: "2001-01-01T00:00:00Z") { id } }""");

        Assert.Equal(
            ["expiresAt", "name", "priorityMax", "scopes"],
            refusal.GetProperty("errors").EnumerateObject().Select(fault => fault.Name).Order());
    }

    [Theory]
    [InlineData("""mutation { addKey(name: \"x\") { id } }""")]
    [InlineData("""mutation { revokeKey(id: \"x\") }""")]
    [InlineData("""mutation { drainWorker(id: \"x\") { id } }""")]
    [InlineData("""mutation { limitWorker(id: \"x\", slotsMax: 1) { id } }""")]
    [InlineData("{ keys { id } }")]
    [InlineData("{ settings { name } }")]
    public async Task WhatAdministers_WithAnotherKey_IsRefused(string document)
    {
        await using var keyed = new KeyedGateway(workshop);
        var key = await keyed.NewKeyAsync(KeyScopes.Submit | KeyScopes.Read);

        var answer = await AskAsync(keyed, key, document);

        Assert.Equal("scope_missing", answer.GetProperty("errors")[0].GetProperty("extensions").Text("code"));
    }

    [Fact]
    public async Task Worker_IsLimited_AndItsSettingsAreShown()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await workshop.Http.DelegateAsync(type);
        await node.TakeAsync();

        var limited = await workshop.Http.QueryAsync("mutation($id: ID!) { limitWorker(id: $id, slotsMax: 1) { id } }", new { id = node.Id });
        var settings = (await workshop.Http.QueryAsync("{ settings { name value service } }")).GetProperty("settings");

        Assert.Equal(node.Id, limited.GetProperty("limitWorker").Text("id"));
        Assert.NotEmpty(settings.EnumerateArray());
    }

    [Fact]
    public async Task Task_WaitedFor_IsAnsweredOnceFinished()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        var work = await node.TakeAsync();

        var waiting = workshop.Http.QueryAsync("query($id: ID!) { task(id: $id, waitSeconds: 60) { state output } }", new { id });
        await node.CompleteAsync(work, "done");
        var task = (await waiting).GetProperty("task");
        var tooLong = await workshop.Http.RefusalAsync("{ task(id: \"x\", waitSeconds: 301) { id } }");

        Assert.Equal(("SUCCEEDED", "done"), (task.Text("state"), task.Text("output")));
        Assert.True(tooLong.GetProperty("errors").TryGetProperty("waitSeconds", out _));
    }

    [Fact]
    public async Task DeadLetter_IsReplayedAndPurgedByFilter()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var first = await FailAsync("the first one");
        var second = await FailAsync("another one");

        const string Filter = "(filter: {types: [$type], text: $text})";
        var replayed = await workshop.Http.QueryAsync(
            $"mutation($type: String!, $text: String) {{ replayDeadLetter{Filter} {{ changed }} }}", new { type, text = "FIRST" });
        var purged = await workshop.Http.QueryAsync(
            "mutation($type: String!) { purgeDeadLetter(filter: {types: [$type]}) { changed } }", new { type });
        var refusal = await workshop.Http.RefusalAsync("mutation { purgeDeadLetter(filter: {states: [QUEUED]}) { changed } }");
        var gone = (await workshop.Http.QueryAsync("query($id: ID!) { task(id: $id) { id } }", new { id = second })).GetProperty("task");

        Assert.Equal(1, replayed.GetProperty("replayDeadLetter").GetProperty("changed").GetInt64());
        Assert.Equal(1, purged.GetProperty("purgeDeadLetter").GetProperty("changed").GetInt64());
        Assert.Equal(JsonValueKind.Null, gone.ValueKind);
        Assert.True(refusal.GetProperty("errors").TryGetProperty("filter.states", out _));
        Assert.Equal(HttpStatusCode.OK, (await workshop.Http.ReadAsync($"/api/v1/tasks/{first}")).Status);

        async Task<string> FailAsync(string prompt)
        {
            var id = await workshop.Http.DelegateAsync(type, prompt);
            await node.FailAsync(await node.TakeAsync(), "broken", "It broke.");
            await workshop.HappenedAsync(id, Contracts.EventKind.Failed);
            return id;
        }
    }

    [Fact]
    public async Task Tasks_SortedByPriority_PageThatWay()
    {
        var type = workshop.NewType();
        foreach (var priority in (int[])[3, 9, 5])
        {
            await workshop.Http.PostAsync("/api/v1/tasks", $$"""{"type":"{{type}}","prompt":"a","priority":{{priority}}}""");
        }

        var high = await PrioritiesAsync("HIGHEST_PRIORITY_FIRST");
        var low = await PrioritiesAsync("LOWEST_PRIORITY_FIRST");
        var rest = await workshop.Http.ReadAsync($"/api/v1/tasks?type={type}&order=priority");
        var fault = await workshop.Http.ReadAsync("/api/v1/tasks?order=size");

        Assert.Equal([9, 5, 3], high);
        Assert.Equal([3, 5, 9], low);
        Assert.Equal([9, 5, 3], rest["tasks"].EnumerateArray().Select(task => task.GetProperty("priority").GetInt32()));
        Assert.Contains("submitted, priority or finished", fault.Fault("order"));

        async Task<List<int>> PrioritiesAsync(string sort)
        {
            var seen = new List<int>();
            string? after = null;
            do
            {
                var page = (await workshop.Http.QueryAsync(
                    $$"""query($type: String!, $after: String) { tasks(filter: {types: [$type]}, sort: {{sort}}, first: 2, after: $after) { pageInfo { endCursor } nodes { priority } } }""",
                    new { type, after })).GetProperty("tasks");
                seen.AddRange(page.GetProperty("nodes").EnumerateArray().Select(task => task.GetProperty("priority").GetInt32()));
                after = page.GetProperty("pageInfo").GetProperty("endCursor").GetString();
            }
            while (after is not null);

            return seen;
        }
    }

    [Fact]
    public async Task Tasks_FilteredByTime_AndEventsByBatch_AreOnlyThose()
    {
        var type = workshop.NewType();
        await workshop.Http.PostAsync("/api/v1/tasks", $$"""{"type":"{{type}}","prompt":"a","batch_id":"times-{{type}}"}""");
        await workshop.Http.PostAsync("/api/v1/tasks", $$"""{"type":"{{type}}","prompt":"b"}""");

        var future = await CountAsync("submittedAfter: \"2090-01-01T00:00:00Z\"");
        var past = await CountAsync("submittedBefore: \"2090-01-01T00:00:00Z\"");
        var events = (await workshop.Http.QueryAsync($$"""{ events(from: 1, batchId: "times-{{type}}") { change { batchId } } }"""))
            .GetProperty("events");

        Assert.Equal((0, 2), (future, past));
        Assert.Single(events.EnumerateArray());

        async Task<int> CountAsync(string condition) => (await workshop.Http.QueryAsync(
            $$"""{ tasks(filter: {types: ["{{type}}"], {{condition}}}) { totalCount } }""")).GetProperty("tasks").GetProperty("totalCount").GetInt32();
    }

    private static async Task<JsonElement> AskAsync(KeyedGateway keyed, (string, string) key, string document) =>
        (await keyed.Http.PostAsync("/graphql", $$"""{"query":"{{document.Replace("\\\"", "\"").Replace("\"", "\\\"")}}"}""", key)).Body;
}
