using System.Net;
using Koubou.OllamaStandIn;

namespace Koubou.AppHost.Tests.EndToEnd;

/// <summary>One command starts it, a task goes in, its real answer comes out.</summary>
public sealed class WorkshopTests
{
    [Fact]
    public async Task Workshop_WithoutAModel_AnswersSimulatedAndShowsItself()
    {
        await using var workshop = await RunningWorkshop.StartAsync();

        var status = await workshop.StatusAsync(await workshop.DelegateAsync("fibonacci", "code"));

        Assert.Equal("completed", status.GetProperty("status").GetString());
        Assert.True(status.GetProperty("simulated").GetBoolean());
        Assert.Equal("demo", status.GetProperty("worker").GetProperty("backend").GetString());
        Assert.Contains("embedded profile, because", await workshop.Lines.WaitForAsync("Koubou runs"), StringComparison.Ordinal);
        foreach (var page in (string[])["/dashboard", "/docs", "/openapi/v1.json", "/health", "/alive"])
        {
            using var response = await workshop.Gateway.GetAsync(page);
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{page} answered {response.StatusCode}");
        }

        Assert.Equal(0, await workshop.StopAsync());
        await workshop.WaitUntilNothingIsLeftAsync();
        Assert.DoesNotContain(workshop.Lines.All(), line => line.Contains(" fail ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Workshop_WithOllama_AnswerIsTheModelsInOneTrace()
    {
        await using var ollama = await StandInServer.StartAsync();
        ollama.AddModel("gemma2:2b");
        await using var receiver = await TraceReceiver.StartAsync();
        await using var workshop = await RunningWorkshop.StartAsync(
            ("OLLAMA_HOST", ollama.Address.ToString()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"));

        var status = await workshop.StatusAsync(await workshop.DelegateAsync("say hello"));

        Assert.Equal("completed", status.GetProperty("status").GetString());
        Assert.False(status.GetProperty("simulated").GetBoolean());
        var worker = status.GetProperty("worker");
        Assert.Equal("ollama", worker.GetProperty("backend").GetString());
        Assert.Equal("gemma2:2b", worker.GetProperty("model").GetString());
        Assert.True(status.GetProperty("usage").GetProperty("completion_tokens").GetInt64() > 0);
        Assert.NotEmpty(status.GetProperty("result").GetString()!);

        var trace = await receiver.WaitForTraceAsync(
            "POST /task/delegate", "wait general", "process general", "chat gemma2:2b");
        var request = trace.Single(span => span.Name == "POST /task/delegate");
        var byId = trace.ToDictionary(span => span.SpanId);
        foreach (var name in (string[])["wait general", "process general", "chat gemma2:2b"])
        {
            var span = trace.Single(each => each.Name == name);
            while (byId.TryGetValue(span.ParentSpanId, out var parent))
            {
                span = parent;
            }

            Assert.Equal(request.SpanId, span.SpanId);
        }
    }

    [Fact]
    public async Task Workshop_ModelMissingAndNotToBePulled_TaskTellsTheCommand()
    {
        await using var ollama = await StandInServer.StartAsync();
        ollama.PullError = "no route to the registry";
        await using var workshop = await RunningWorkshop.StartAsync(("OLLAMA_HOST", ollama.Address.ToString()));

        using var updates = await workshop.WatchAsync();
        var id = await workshop.DelegateAsync("say hello");
        await updates.WaitForAsync(id, "scheduled");
        var status = await workshop.StatusAsync(id, wait: 0);

        Assert.NotEqual("completed", status.GetProperty("status").GetString());
        Assert.Contains("ollama pull gemma2:2b", status.ToString(), StringComparison.Ordinal);
    }
}
