using System.Net;
using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.GraphQL;

public sealed class QueryTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Documents_OfV21_WorkWordForWord()
    {
        using var http = new HttpClient { BaseAddress = workshop.Gateway.GraphQl };

        var read = await http.QueryAsync(
            """query    { systemStatus { activeWorkers pendingTasks completedTasks }  task(id: "task-123") { id status result } }""");
        var submit = await http.QueryAsync(
            """mutation { submitTask(type: "code", prompt: "Create a REST API", priority: 9) { taskId status } }""");
        var id = submit.GetProperty("submitTask").Text("taskId");
        var task = (await http.QueryAsync($$"""{ task(id: "{{id}}") { id status result priority } }""")).GetProperty("task");

        Assert.Equal(JsonValueKind.Null, read.GetProperty("task").ValueKind);
        Assert.Equal(JsonValueKind.Number, read.GetProperty("systemStatus").GetProperty("completedTasks").ValueKind);
        Assert.Equal("pending", submit.GetProperty("submitTask").Text("status"));
        Assert.Equal((id, "pending", 9), (task.Text("id"), task.Text("status"), task.GetProperty("priority").GetInt32()));
    }

    [Fact]
    public async Task Task_Finished_ShowsResultAttemptsAndThatItIsSimulated()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "done", simulated: true);
        await workshop.Http.ReadAsync($"/api/v1/tasks/{id}?wait=30");

        var task = (await workshop.Http.QueryAsync(
            "query($id: ID!) { task(id: $id) { state status result output simulated notice attempts { node outcome usage { completionTokens } } } }",
            new { id })).GetProperty("task");

        Assert.Equal(("SUCCEEDED", "completed", "done", "done"),
            (task.Text("state"), task.Text("status"), task.Text("result"), task.Text("output")));
        Assert.True(task.GetProperty("simulated").GetBoolean());
        Assert.Contains("Simulated", task.Text("notice"));
        Assert.Equal(22, task.GetProperty("attempts")[0].GetProperty("usage").GetProperty("completionTokens").GetInt32());
    }

    [Fact]
    public async Task Tasks_ByPages_AreEachSeenOnceInOrder()
    {
        var type = workshop.NewType();
        var submitted = (await workshop.Http.QueryAsync(
            "mutation($tasks: [TaskInput!]!) { submitTasks(tasks: $tasks, batchId: \"night\") { id } }",
            new { tasks = Enumerable.Range(0, 5).Select(i => new { type, prompt = $"p{i}", labels = new { team = "web" } }) }))
            .GetProperty("submitTasks").EnumerateArray().Select(task => task.Text("id")).ToList();

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = (await workshop.Http.QueryAsync(
                """
                query($type: String!, $after: String) {
                  tasks(filter: {types: [$type], states: [QUEUED], labels: {team: "web"}, batchId: "night"}, sort: OLDEST_FIRST, first: 2, after: $after) {
                    totalCount pageInfo { hasNextPage endCursor } nodes { id labels batchId }
                  }
                }
                """,
                new { type, after })).GetProperty("tasks");
            seen.AddRange(page.GetProperty("nodes").EnumerateArray().Select(task => task.Text("id")));
            after = page.GetProperty("pageInfo").GetProperty("endCursor").GetString();
            Assert.Equal(5, page.GetProperty("totalCount").GetInt32());
        }
        while (after is not null);

        Assert.Equal(submitted, seen);
    }

    [Fact]
    public async Task Tasks_WithoutOutputAsked_DoNotCarryIt()
    {
        var type = workshop.NewType();
        await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        var work = await node.TakeAsync();
        await node.CompleteAsync(work, "long answer");
        await workshop.Http.ReadAsync($"/api/v1/tasks/{work.TaskId}?wait=30");

        var through = (await workshop.Http.QueryAsync(
            $$"""{ tasks(filter: {types: ["{{type}}"]}) { ...P } } fragment P on TaskConnection { nodes { result outputBytes } }"""))
            .GetProperty("tasks").GetProperty("nodes")[0];

        Assert.Equal("long answer", through.Text("result"));
    }

    [Fact]
    public async Task Workers_And_Types_AreShown()
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        await workshop.Http.DelegateAsync(type);
        await node.TakeAsync();

        var data = await workshop.Http.QueryAsync(
            "{ workers { id capabilities slotsMax backends { name zone simulated } running { taskId } } taskTypes { name attemptsMax options } }");

        var worker = Assert.Single(data.GetProperty("workers").EnumerateArray(), worker => worker.Text("id") == node.Id);
        Assert.Equal("demo", worker.GetProperty("backends")[0].Text("name"));
        Assert.Contains(data.GetProperty("taskTypes").EnumerateArray(), known => known.Text("name") == type);
    }

    [Fact]
    public async Task Events_FromANumber_AreThoseSinceThen()
    {
        var before = (await workshop.Http.QueryAsync("{ systemStatus { lastSequence } }"))
            .GetProperty("systemStatus").GetProperty("lastSequence").GetInt64();
        var id = await workshop.Http.DelegateAsync(workshop.NewType());

        var events = (await workshop.Http.QueryAsync(
            $$"""{ events(from: {{before + 1}}, first: 1000) { sequence gap change { taskId event state task { id } } } }"""))
            .GetProperty("events").EnumerateArray().Select(note => note.GetProperty("change")).ToList();
        var none = (await workshop.Http.QueryAsync($$"""{ events(from: {{long.MaxValue / 2}}) { sequence } }""")).GetProperty("events");

        var mine = Assert.Single(events, change => change.Text("taskId") == id);
        Assert.Equal(("submitted", "QUEUED", id), (mine.Text("event"), mine.Text("state"), mine.GetProperty("task").Text("id")));
        Assert.Equal(0, none.GetArrayLength());
    }

    [Fact]
    public async Task Changes_OfOneTask_MeanWhatTheyMeanInRest()
    {
        var id = await workshop.Http.DelegateAsync(workshop.NewType());
        const string Change = "mutation($id: ID!) { cancelTask(id: $id) { id outcome state } }";

        var cancelled = (await workshop.Http.QueryAsync(Change, new { id })).GetProperty("cancelTask");
        var again = await workshop.Http.RefusalAsync(Change, new { id });
        var rest = await workshop.Http.PostAsync($"/api/v1/tasks/{id}/cancel", "{}");
        var back = (await workshop.Http.QueryAsync("mutation($id: ID!) { retryTask(id: $id) { state } }", new { id })).GetProperty("retryTask");
        var unknown = await workshop.Http.RefusalAsync("mutation { deleteTask(id: \"x\") { id } }");
        var many = (await workshop.Http.QueryAsync("mutation($ids: [ID!]!) { cancelTasks(ids: $ids) { outcome } }", new { ids = new[] { id, "x" } }))
            .GetProperty("cancelTasks");

        Assert.Equal(("changed", "cancelled"), (cancelled.Text("outcome"), cancelled.Text("state")));
        Assert.Equal(("wrong_state", 409), (again.Text("code"), again.GetProperty("status").GetInt32()));
        Assert.Equal(rest["hint"].GetString(), again.Text("hint"));
        Assert.Equal("queued", back.Text("state"));
        Assert.Equal("unknown_task", unknown.Text("code"));
        Assert.Equal(["changed", "unknown_id"], many.EnumerateArray().Select(one => one.Text("outcome")));
    }

    [Fact]
    public async Task Submit_WithFaults_NamesThemAllInTheNamesOfThisDoor()
    {
        var refusal = await workshop.Http.RefusalAsync(
            """mutation { submitTask(prompt: "", priority: 11, dataPolicy: "cloud", attemptsMax: 0, labels: {a: 1}) { taskId } }""");
        var batch = await workshop.Http.RefusalAsync(
            """mutation { submitTasks(tasks: [{prompt: "a"}, {prompt: "b", timeoutSeconds: -1}]) { taskId } }""");

        Assert.Equal(
            ["attemptsMax", "dataPolicy", "labels", "priority", "prompt"],
            refusal.GetProperty("errors").EnumerateObject().Select(fault => fault.Name).Order());
        Assert.Contains("priority must be", (await workshop.Http.AskAsync(
            "mutation { submitTask(prompt: \"a\", priority: 11) { id } }")).GetProperty("errors")[0].Text("message"));
        Assert.True(batch.GetProperty("errors").TryGetProperty("tasks[1].timeoutSeconds", out _), batch.ToString());
    }

    [Fact]
    public async Task Submit_WithEveryField_KeepsThemAll()
    {
        var type = workshop.NewType();

        var id = (await workshop.Http.QueryAsync(
            """
            mutation($type: String, $batch: String) {
              submitTask(type: $type, prompt: "p", systemPrompt: "s", priority: 3, labels: {team: "web"}, idempotencyKey: "k",
                notBefore: "2090-01-01T00:00:00Z", timeoutSeconds: 2.5, attemptsMax: 2, dependsOn: [], runIfDependencyFailed: false,
                batchId: $batch, dataPolicy: "any", backend: "demo", model: "m", outputSchema: {type: "object"}) { taskId }
            }
            """,
            new { type, batch = $"every-{type}" })).GetProperty("submitTask").Text("taskId");
        var task = (await workshop.Http.ReadAsync($"/api/v1/tasks/{id}")).Body;

        Assert.Equal(("s", "k", $"every-{type}", "any", "demo", "m"), (task.Text("system_prompt"), task.Text("idempotency_key"),
            task.Text("batch_id"), task.Text("data_policy"), task.Text("backend"), task.Text("model")));
        Assert.Equal((3, 2.5, 2, false), (task.GetProperty("priority").GetInt32(), task.GetProperty("timeout_seconds").GetDouble(),
            task.GetProperty("attempts_max").GetInt32(), task.GetProperty("run_if_dependency_failed").GetBoolean()));
        Assert.Equal(0, task.GetProperty("depends_on").GetArrayLength());
        Assert.Equal("object", task.GetProperty("output_schema").Text("type"));
    }

    [Fact]
    public async Task Scheduler_Away_IsAProblemAndNoStackTrace()
    {
        await using var failing = await WorkshopFixture.StartAsync();
        using (failing.Scheduler.Fail("ListWorkers", new Grpc.Core.RpcException(
            new Grpc.Core.Status(Grpc.Core.StatusCode.Unavailable, "the disk is full"))))
        {
            var answer = await failing.Http.AskAsync("{ workers { id } }");

            var error = Assert.Single(answer.GetProperty("errors").EnumerateArray());
            Assert.Equal(("the disk is full", "scheduler_unavailable"), (error.Text("message"), error.GetProperty("extensions").Text("code")));
        }
    }

    [Fact]
    public async Task Batch_IsAnsweredInOrderAndBounded()
    {
        var answer = await workshop.Http.PostAsync(
            "/graphql", """[{"query":"{ a: __typename }"},{"query":"{ nonsense }"},{"query":"subscription { systemStatus { nodes } }"}]""");
        var tooMany = await workshop.Http.PostAsync(
            "/graphql", $"[{string.Join(',', Enumerable.Repeat("""{"query":"{ __typename }"}""", 11))}]");

        Assert.Equal("Query", answer.Body[0].GetProperty("data").Text("a"));
        Assert.True(answer.Body[1].TryGetProperty("errors", out _));
        Assert.Contains("stream", answer.Body[2].GetProperty("errors")[0].Text("message"));
        Assert.Equal(HttpStatusCode.BadRequest, tooMany.Status);
    }

    [Fact]
    public async Task Get_OfAMutation_IsRefused()
    {
        var answer = await workshop.Http.ReadAsync("/graphql?query=" + Uri.EscapeDataString("mutation { cancelTasks(ids: []) { id } }"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.Status);
    }

    [Fact]
    public async Task Page_AtTheAddress_LoadsNothingFromElsewhere()
    {
        using var http = new HttpClient { BaseAddress = workshop.Gateway.GraphQl };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");

        var answer = await http.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("http://", page);
        Assert.DoesNotContain("https://", page);
        Assert.DoesNotContain("{nonce}", page);
        Assert.StartsWith("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
    }
}
