using System.Net;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Rest;

public sealed class LegacyRestTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Delegate_GoodTask_AnswersWithIdAndWhereToAsk()
    {
        var type = workshop.NewType();

        var answer = await workshop.Http.PostAsync(
            "/task/delegate", $$"""{"type":"{{type}}","prompt":"Create a Python function for fibonacci","priority":8}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("pending", answer["status"].GetString());
        var id = answer["task_id"].GetString();
        Assert.Equal($"/task/{id}/status", answer["status_url"].GetString());
        Assert.True(Guid.TryParse(id, out _));
    }

    [Fact]
    public async Task Delegate_NoType_IsGeneralWithPriorityFive()
    {
        var id = (await workshop.Http.PostAsync("/task/delegate", """{"prompt":"Hello."}"""))["task_id"].GetString();

        var status = await workshop.Http.ReadAsync($"/task/{id}/status");

        Assert.Equal("general", status["type"].GetString());
        Assert.Equal(5, status["priority"].GetInt32());
    }

    [Fact]
    public async Task Status_ThroughATasksLife_ShowsEachWordAndWhoAnswered()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);

        var pending = await workshop.Http.ReadAsync($"/task/{id}/status");
        await using var node = await workshop.JoinAsync(type);
        var work = await node.TakeAsync();
        await workshop.HappenedAsync(id, EventKind.Started);
        var running = await workshop.Http.ReadAsync($"/task/{id}/status");
        await node.CompleteAsync(work, "こんにちは <b>");
        var done = await workshop.Http.ReadAsync($"/task/{id}/status?wait=30");

        Assert.Equal(("pending", "queued"), (pending["status"].GetString(), pending["state"].GetString()));
        Assert.Equal(JsonValueKind.Null, pending["result"].ValueKind);
        Assert.Equal(JsonValueKind.Null, pending["worker"].ValueKind);
        Assert.Equal("in_progress", running["status"].GetString());
        Assert.Equal(node.Id, running["worker"].Text("node"));
        Assert.Equal(("completed", "succeeded"), (done["status"].GetString(), done["state"].GetString()));
        Assert.Equal("こんにちは <b>", done["result"].GetString());
        Assert.Contains("こんにちは <b>", await done.Raw.Content.ReadAsStringAsync());
        var worker = done["worker"];
        Assert.Equal(("ollama", "gemma2:2b", "local"), (worker.Text("backend"), worker.Text("model"), worker.Text("zone")));
        Assert.Equal(1, worker.GetProperty("slot").GetInt32());
        Assert.False(done["simulated"].GetBoolean());
        Assert.False(done.Body.TryGetProperty("notice", out _));
        Assert.Equal(11, done["usage"].GetProperty("prompt_tokens").GetInt64());
        Assert.Equal(22, done["usage"].GetProperty("completion_tokens").GetInt64());
        var timings = done["timings"];
        Assert.Equal(120, timings.GetProperty("first_token_ms").GetDouble());
        Assert.Equal(80, timings.GetProperty("model_load_ms").GetDouble());
        Assert.Equal(900, timings.GetProperty("generation_ms").GetDouble());
        Assert.True(timings.GetProperty("queued_ms").GetDouble() >= 0);
        Assert.True(timings.GetProperty("total_ms").GetDouble() >= timings.GetProperty("queued_ms").GetDouble());
        Assert.EndsWith("Z", timings.Text("finished_at"));
        Assert.Equal(1, done["attempts"].GetInt32());
    }

    [Fact]
    public async Task Status_SimulatedAnswer_SaysSoPlainly()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);

        await node.CompleteAsync(await node.TakeAsync(), "made up", simulated: true);

        var done = await workshop.Http.ReadAsync($"/task/{id}/status?wait=30");
        Assert.True(done["simulated"].GetBoolean());
        Assert.True(done["worker"].GetProperty("simulated").GetBoolean());
        Assert.Contains("ollama serve", done["notice"].GetString());
    }

    [Fact]
    public async Task Status_FailedTask_TellsTheError()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);

        await node.FailAsync(await node.TakeAsync(), "model_missing", "Run: ollama pull gemma2:2b");

        var failed = await workshop.Http.ReadAsync($"/task/{id}/status?wait=30");
        Assert.Equal("failed", failed["status"].GetString());
        Assert.Equal("model_missing", failed["error"].Text("code"));
        Assert.Equal(JsonValueKind.Null, failed["result"].ValueKind);
    }

    [Fact]
    public async Task Status_WaitIsUp_AnswersWithTheStateOfNow()
    {
        var id = await workshop.Http.DelegateAsync(workshop.NewType());

        var zero = await workshop.Http.ReadAsync($"/task/{id}/status?wait=0");
        var brief = await workshop.Http.ReadAsync($"/task/{id}/status?wait=0.05");

        Assert.Equal("pending", zero["status"].GetString());
        Assert.Equal("pending", brief["status"].GetString());
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("301")]
    [InlineData("NaN")]
    [InlineData("")]
    [InlineData("1e2")]
    public async Task Status_BadWait_IsAFault(string wait)
    {
        var id = await workshop.Http.DelegateAsync(workshop.NewType());

        var answer = await workshop.Http.ReadAsync($"/task/{id}/status?wait={wait}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("from 0 to 300", answer.Fault("wait"));
    }

    [Theory]
    [InlineData("task-123")]
    [InlineData("01936d3e-0000-7000-8000-000000000000")]
    [InlineData("%FF%20x")]
    public async Task Status_UnknownId_IsNotFound(string id)
    {
        var now = await workshop.Http.ReadAsync($"/task/{id}/status");
        var waiting = await workshop.Http.ReadAsync($"/task/{id}/status?wait=20");

        Assert.Equal(HttpStatusCode.NotFound, now.Status);
        Assert.Equal(HttpStatusCode.NotFound, waiting.Status);
        Assert.Equal("urn:koubou:problem:unknown_task", now["type"].GetString());
    }

    [Fact]
    public async Task TypeRoute_RegisteredType_TakesTheTask()
    {
        var type = workshop.NewType();

        var answer = await workshop.Http.PostAsync($"/task/{type}", """{"prompt":"Hello.","priority":5}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var status = await workshop.Http.ReadAsync(answer["status_url"].GetString()!);
        Assert.Equal(type, status["type"].GetString());
    }

    [Fact]
    public async Task TypeRoute_UnknownType_ListsTheRegisteredOnes()
    {
        var answer = await workshop.Http.PostAsync("/task/poetry", """{"prompt":"Hello."}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("poetry", answer.Fault("type"));
        Assert.Contains("code, general", answer["hint"].GetString());
    }

    [Fact]
    public async Task TypeRoute_OtherTypeInBody_IsAFault()
    {
        var answer = await workshop.Http.PostAsync("/task/code", """{"type":"general","prompt":"Hello."}""");

        Assert.Contains("\"general\" in the body but \"code\" in the path", answer.Fault("type"));
    }
}
