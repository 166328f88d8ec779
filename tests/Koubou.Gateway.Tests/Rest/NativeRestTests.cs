using System.Net;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Rest;

public sealed class NativeRestTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Submit_EveryField_ComesBackInTheRecord()
    {
        var type = workshop.NewType();

        var answer = await workshop.Http.PostAsync(
            "/api/v1/tasks",
            $$"""
            {
              "type": "{{type}}", "prompt": "p", "system_prompt": "s", "priority": 9, "labels": {"team": "web"},
              "idempotency_key": "{{type}}-key", "not_before": "2090-01-01T09:00:00+09:00",
              "deadline": "2091-01-01T00:00:00Z", "timeout_seconds": 12.5, "attempts_max": 4, "batch_id": "{{type}}-b",
              "data_policy": "private", "backend": "ollama", "model": "m", "output_schema": {"type": "object"},
              "run_if_dependency_failed": true
            }
            """,
            ("X-Koubou-Client", "tester"));
        var record = await workshop.Http.ReadAsync(answer.Raw.Headers.Location!.ToString());

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("scheduled", answer["state"].GetString());
        Assert.False(answer["duplicate"].GetBoolean());
        Assert.Equal(answer["url"].GetString(), answer.Raw.Headers.Location!.ToString());
        Assert.Equal(answer["id"].GetString(), record["id"].GetString());
        Assert.Equal((type, "p", "s"), (record.Body.Text("type"), record.Body.Text("prompt"), record.Body.Text("system_prompt")));
        Assert.Equal(9, record["priority"].GetInt32());
        Assert.Equal("web", record["labels"].Text("team"));
        Assert.Equal("tester", record["client"].GetString());
        Assert.Equal($"{type}-key", record["idempotency_key"].GetString());
        Assert.Equal("2090-01-01T00:00:00Z", record["not_before"].GetString());
        Assert.Equal("2091-01-01T00:00:00Z", record["deadline"].GetString());
        Assert.Equal(12.5, record["timeout_seconds"].GetDouble());
        Assert.Equal(4, record["attempts_max"].GetInt32());
        Assert.Equal($"{type}-b", record["batch_id"].GetString());
        Assert.Equal("private", record["data_policy"].GetString());
        Assert.Equal("object", record["output_schema"].Text("type"));
        Assert.True(record["run_if_dependency_failed"].GetBoolean());
        Assert.Equal(JsonValueKind.Null, record["output"].ValueKind);
    }

    [Fact]
    public async Task Submit_SameIdempotencyKeyTwice_AnswersWithTheFirstTask()
    {
        var type = workshop.NewType();
        var body = $$"""{"type":"{{type}}","prompt":"a"}""";

        var first = await workshop.Http.PostAsync("/api/v1/tasks", body, ("Idempotency-Key", type));
        var second = await workshop.Http.PostAsync("/api/v1/tasks", body, ("Idempotency-Key", type));

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.True(second["duplicate"].GetBoolean());
        Assert.Equal(first["id"].GetString(), second["id"].GetString());
    }

    [Fact]
    public async Task Submit_KeyInHeaderAndOtherInBody_IsAFault()
    {
        var answer = await workshop.Http.PostAsync(
            "/api/v1/tasks", """{"prompt":"a","idempotency_key":"x"}""", ("Idempotency-Key", "y"));

        Assert.Contains("differs", answer.Fault("idempotency_key"));
    }

    [Fact]
    public async Task Batch_Good_EnqueuesAllInOrder()
    {
        var type = workshop.NewType();

        var answer = await workshop.Http.PostAsync("/api/v1/tasks/batch", $$"""
            {"tasks":[{"type":"{{type}}","prompt":"one"},{"type":"{{type}}","prompt":"two","batch_id":"own"}],"batch_id":"{{type}}"}
            """);
        var receipts = answer["tasks"].EnumerateArray().ToArray();
        var first = await workshop.Http.ReadAsync(receipts[0].Text("url"));
        var second = await workshop.Http.ReadAsync(receipts[1].Text("url"));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(("one", type), (first.Body.Text("prompt"), first.Body.Text("batch_id")));
        Assert.Equal(("two", "own"), (second.Body.Text("prompt"), second.Body.Text("batch_id")));
    }

    [Fact]
    public async Task Batch_OneKeyInTheHeader_GivesEachTaskItsOwn()
    {
        var type = workshop.NewType();
        var body = $$"""{"tasks":[{"type":"{{type}}","prompt":"one"},{"type":"{{type}}","prompt":"two"}]}""";

        var first = await workshop.Http.PostAsync("/api/v1/tasks/batch", body, ("Idempotency-Key", type));
        var second = await workshop.Http.PostAsync("/api/v1/tasks/batch", body, ("Idempotency-Key", type));

        var ids = first["tasks"].EnumerateArray().Select(task => task.Text("id")).ToArray();
        Assert.Equal(2, ids.Distinct().Count());
        Assert.Equal(ids, second["tasks"].EnumerateArray().Select(task => task.Text("id")));
    }

    [Fact]
    public async Task Batch_FaultsInSome_EnqueuesNoneAndNamesEach()
    {
        var type = workshop.NewType();

        var answer = await workshop.Http.PostAsync("/api/v1/tasks/batch", $$"""
            {"tasks":[
              {"type":"{{type}}","prompt":"good"},
              {"type":"{{type}}","prompt":""},
              7,
              {"type":"{{type}}","prompt":"a","priority":"high"},
              {"type":"{{type}}","prompt":"a","priority":12}
            ], "batchid": "x"}
            """);
        var list = await workshop.Http.ReadAsync($"/api/v1/tasks?type={type}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(
            ["batchid", "tasks[1].prompt", "tasks[2]", "tasks[3].priority", "tasks[4].priority"], answer.FaultFields);
        Assert.Contains("did you mean \"batch_id\"?", answer.Fault("batchid"));
        Assert.Equal(0, list["total"].GetInt64());
    }

    [Theory]
    [InlineData("{}", "tasks")]
    [InlineData("""{"tasks":{}}""", "tasks")]
    [InlineData("""{"tasks":[]}""", "tasks")]
    [InlineData("""[{"prompt":"a"}]""", "body")]
    [InlineData("""{"tasks":[{"prompt":"a"}],"batch_id":7}""", "batch_id")]
    public async Task Batch_NotABatch_IsAFault(string body, string field)
    {
        var answer = await workshop.Http.PostAsync("/api/v1/tasks/batch", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.FaultFields);
    }

    [Theory]
    [InlineData(1_001)]
    [InlineData(20_000)]
    public async Task Batch_TooMany_IsAFault(int count)
    {
        var tasks = string.Join(",", Enumerable.Repeat("""{"prompt":"a"}""", count));

        var answer = await workshop.Http.PostAsync("/api/v1/tasks/batch", $$"""{"tasks":[{{tasks}}]}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["tasks"], answer.FaultFields);
    }

    [Fact]
    public async Task Batch_OfAThousand_IsTaken()
    {
        var type = workshop.NewType();
        var tasks = string.Join(",", Enumerable.Repeat($$"""{"type":"{{type}}","prompt":"a"}""", 1_000));

        var answer = await workshop.Http.PostAsync("/api/v1/tasks/batch", $$"""{"tasks":[{{tasks}}]}""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(1_000, answer["tasks"].GetArrayLength());
    }

    [Fact]
    public async Task List_FiltersAndPages_FindExactlyWhatMatches()
    {
        var type = workshop.NewType();
        for (var i = 0; i < 5; i++)
        {
            await workshop.Http.PostAsync(
                "/api/v1/tasks",
                $$$"""{"type":"{{{type}}}","prompt":"number {{{i}}}","batch_id":"{{{type}}}","labels":{"odd":"{{{i % 2}}}"}}""",
                ("X-Koubou-Client", type));
        }

        var first = await workshop.Http.ReadAsync($"/api/v1/tasks?type={type},general&client={type}&oldest_first=true&page_size=3");
        var token = first["next_page_token"].GetString();
        var second = await workshop.Http.ReadAsync(
            $"/api/v1/tasks?type={type},general&client={type}&oldest_first=true&page_size=3&page_token={token}");
        var odd = await workshop.Http.ReadAsync($"/api/v1/tasks?batch_id={type}&label=odd=1&state=queued,running");
        var text = await workshop.Http.ReadAsync($"/api/v1/tasks?batch_id={type}&text=NUMBER%204");

        Assert.Equal(["number 0", "number 1", "number 2"], Prompts(first));
        Assert.Equal(["number 3", "number 4"], Prompts(second));
        Assert.Equal(JsonValueKind.Null, second["next_page_token"].ValueKind);
        Assert.Equal(5, first["total"].GetInt64());
        Assert.True(first["total_is_exact"].GetBoolean());
        Assert.Equal(["number 3", "number 1"], Prompts(odd));
        Assert.Equal(["number 4"], Prompts(text));
    }

    [Fact]
    public async Task List_BadFilters_AreNamedAllAtOnce()
    {
        var answer = await workshop.Http.ReadAsync(
            "/api/v1/tasks?state=sleeping&page_size=x&oldest_first=maybe&label=odd&stat=queued");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["label", "oldest_first", "page_size", "stat", "state"], answer.FaultFields);
        Assert.Contains("did you mean \"state\"?", answer.Fault("stat"));
        Assert.Contains("queued", answer.Fault("state"));
    }

    [Theory]
    [InlineData("page_size=0", "page_size")]
    [InlineData("page_size=1001", "page_size")]
    [InlineData("page_token=nonsense", "page_token")]
    public async Task List_ValuesTheSchedulerRefuses_AreFaults(string query, string field)
    {
        var answer = await workshop.Http.ReadAsync($"/api/v1/tasks?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.FaultFields);
    }

    [Fact]
    public async Task Get_FinishedTask_HasOutputAndAttempts()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "the answer", simulated: true);

        var record = await workshop.Http.ReadAsync($"/api/v1/tasks/{id}?wait=30");
        var plain = await workshop.Http.GetAsync($"/api/v1/tasks/{id}/output");
        var listed = await workshop.Http.ReadAsync($"/api/v1/tasks?type={type}&include_output=true");

        Assert.Equal("succeeded", record["state"].GetString());
        Assert.Equal("the answer", record["output"].GetString());
        Assert.True(record["simulated"].GetBoolean());
        Assert.StartsWith("Simulated", record["notice"].GetString());
        var attempt = Assert.Single(record["attempts"].EnumerateArray());
        Assert.Equal((node.Id, "demo", "succeeded"), (attempt.Text("node"), attempt.Text("backend"), attempt.Text("outcome")));
        Assert.Equal("the answer", await plain.Content.ReadAsStringAsync());
        Assert.Equal("text/plain; charset=utf-8", plain.Content.Headers.ContentType!.ToString());
        Assert.Equal("true", Assert.Single(plain.Headers.GetValues("X-Koubou-Simulated")));
        Assert.Equal("the answer", listed["tasks"][0].Text("output"));
    }

    [Fact]
    public async Task Output_NotThereYet_IsAConflictWithTheState()
    {
        var id = await workshop.Http.DelegateAsync(workshop.NewType());

        var answer = await workshop.Http.ReadAsync($"/api/v1/tasks/{id}/output");

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Equal("queued", answer["state"].GetString());
    }

    [Fact]
    public async Task Cancel_Retry_Delete_FollowTheState()
    {
        var id = await workshop.Http.DelegateAsync(workshop.NewType());

        var early = await workshop.Http.PostAsync($"/api/v1/tasks/{id}/retry", "");
        var earlyDelete = await (await workshop.Http.DeleteAsync($"/api/v1/tasks/{id}")).ReadAsync();
        var cancelled = await workshop.Http.PostAsync($"/api/v1/tasks/{id}/cancel", "");
        var again = await workshop.Http.PostAsync($"/api/v1/tasks/{id}/cancel", "");
        var retried = await workshop.Http.PostAsync($"/api/v1/tasks/{id}/retry", "");
        await workshop.Http.PostAsync($"/api/v1/tasks/{id}/cancel", "");
        var deleted = await workshop.Http.DeleteAsync($"/api/v1/tasks/{id}");
        var gone = await workshop.Http.ReadAsync($"/api/v1/tasks/{id}");

        Assert.Equal((HttpStatusCode.Conflict, "queued"), (early.Status, early["state"].GetString()));
        Assert.Equal(HttpStatusCode.Conflict, earlyDelete.Status);
        Assert.Equal((HttpStatusCode.OK, "cancelled"), (cancelled.Status, cancelled["state"].GetString()));
        Assert.Equal((HttpStatusCode.Conflict, "cancelled"), (again.Status, again["state"].GetString()));
        Assert.Equal((HttpStatusCode.OK, "queued"), (retried.Status, retried["state"].GetString()));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, gone.Status);
    }

    [Fact]
    public async Task Cancel_RunningTask_EndsTheWorkOnItsNode()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        await node.TakeAsync();

        var answer = await workshop.Http.PostAsync($"/api/v1/tasks/{id}/cancel", "");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var end = await node.EndedAsync();
        Assert.Equal((id, EndReason.Cancelled), (end.TaskId, end.Reason));
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("retry")]
    [InlineData("delete")]
    [InlineData("get")]
    [InlineData("output")]
    [InlineData("stream")]
    public async Task UnknownId_WellFormedOrNot_IsNotFound(string what)
    {
        foreach (var id in (string[])["task-123", "01936d3e-0000-7000-8000-000000000000", "%F0%9F%90%89", new string('x', 4_000)])
        {
            var response = what switch
            {
                "delete" => await workshop.Http.DeleteAsync($"/api/v1/tasks/{id}"),
                "get" => await workshop.Http.GetAsync($"/api/v1/tasks/{id}"),
                "output" => await workshop.Http.GetAsync($"/api/v1/tasks/{id}/output"),
                "stream" => await workshop.Http.GetAsync($"/api/v1/tasks/{id}/output/stream"),
                _ => await workshop.Http.PostAsync($"/api/v1/tasks/{id}/{what}", null),
            };

            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task Cancel_ManyIds_SaysWhatBecameOfEach()
    {
        var type = workshop.NewType();
        var waiting = await workshop.Http.DelegateAsync(type);
        var finished = await workshop.Http.DelegateAsync(type);
        await workshop.Http.PostAsync($"/api/v1/tasks/{finished}/cancel", "");

        var answer = await workshop.Http.PostAsync(
            "/api/v1/tasks/cancel", $$"""{"ids":["{{waiting}}","{{finished}}","nobody"]}""");
        var retried = await workshop.Http.PostAsync("/api/v1/tasks/retry", $$"""{"ids":["{{waiting}}"]}""");

        Assert.Equal(
            ["changed cancelled", "wrong_state cancelled", "unknown_id "],
            answer["results"].EnumerateArray().Select(result => $"{result.Text("outcome")} {result.GetProperty("state")}"));
        Assert.Equal("queued", retried["results"][0].Text("state"));
    }

    [Theory]
    [InlineData("{}", "ids")]
    [InlineData("""{"ids":[]}""", "ids")]
    [InlineData("""{"ids":"x"}""", "ids")]
    [InlineData("""{"ids":["x",3]}""", "ids[1]")]
    [InlineData("""{"ids":["x"],"id":1}""", "id")]
    [InlineData("""["x"]""", "body")]
    public async Task Cancel_ManyBadly_IsAFault(string body, string field)
    {
        var answer = await workshop.Http.PostAsync("/api/v1/tasks/cancel", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.FaultFields);
    }

    [Fact]
    public async Task Workers_ConnectedNode_IsShownWithItsWork()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        await node.TakeAsync();

        var answer = await workshop.Http.ReadAsync("/api/v1/workers");
        var worker = answer["workers"].EnumerateArray().Single(shown => shown.Text("id") == node.Id);

        Assert.Equal(42, worker.GetProperty("process_id").GetInt32());
        Assert.Equal(id, worker.GetProperty("running")[0].Text("task_id"));
        var backend = worker.GetProperty("backends")[0];
        Assert.Equal(("demo", "local"), (backend.Text("kind"), backend.Text("zone")));
        Assert.True(backend.GetProperty("simulated").GetBoolean());
    }

    [Fact]
    public async Task Status_Workshop_CountsEveryState()
    {
        await workshop.Http.DelegateAsync(workshop.NewType());

        var answer = await workshop.Http.ReadAsync("/api/v1/status");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(8, answer["tasks"].EnumerateObject().Count());
        Assert.True(answer["tasks"].GetProperty("queued").GetInt64() > 0);
        Assert.Equal("sqlite", answer["engine"].GetString());
    }

    [Fact]
    public async Task Types_Registered_AreListedWithTheirDefaults()
    {
        var answer = await workshop.Http.ReadAsync("/api/v1/types");

        var code = answer["types"].EnumerateArray().Single(type => type.Text("name") == "code");
        Assert.Equal("0.2", code.GetProperty("options").Text("temperature"));
        Assert.Equal("local", code.Text("data_policy"));
    }

    private static string[] Prompts(Answer page) =>
        [.. page["tasks"].EnumerateArray().Select(task => task.Text("prompt"))];
}
