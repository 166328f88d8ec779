using System.Diagnostics;
using Koubou.OllamaStandIn;
using Koubou.Worker.Tests.Backends.Ollama;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Telemetry;

public sealed class TraceTests
{
    [Fact]
    public async Task Trace_OfTheSubmit_GoesOnThroughAttemptAndChat()
    {
        var spans = new SignalLog<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Koubou.Worker",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var bench = await Bench.StartAsync();
        var spec = Specs.General();
        var trace = ActivityTraceId.CreateRandom();
        var submit = ActivitySpanId.CreateRandom();
        spec.TraceParent = $"00-{trace}-{submit}-01";

        var assignment = await bench.Session.AssignAsync(spec);
        await bench.Session.CompletedAsync(assignment);
        var process = await spans.FirstAsync(
            span => span.TraceId == trace && span.OperationName == "process general", Patience.Limit);
        var chat = await spans.FirstAsync(
            span => span.TraceId == trace && span.DisplayName == "chat gemma2:2b", Patience.Limit);

        Assert.Equal(submit, process.ParentSpanId);
        Assert.Equal(ActivityKind.Consumer, process.Kind);
        Assert.Equal(assignment.TaskId, process.GetTagItem("koubou.task.id"));
        Assert.Equal(process.SpanId, chat.ParentSpanId);
        Assert.Equal(ActivityKind.Client, chat.Kind);
        Assert.Equal("chat", chat.GetTagItem("gen_ai.operation.name"));
        Assert.Equal("gemma2:2b", chat.GetTagItem("gen_ai.request.model"));
        Assert.Equal("ollama", chat.GetTagItem("gen_ai.provider.name"));
    }

    [Fact]
    public async Task Trace_OfAConfidentialTask_HoldsNeitherPromptNorAnswer()
    {
        const string Secret = "the secret recipe";
        var spans = new SignalLog<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Koubou.Worker" || source.Name.StartsWith("System.Net", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var bench = await Bench.StartAsync();
        var spec = Specs.General();
        spec.Prompt = Secret;
        var trace = ActivityTraceId.CreateRandom();
        spec.TraceParent = $"00-{trace}-{ActivitySpanId.CreateRandom()}-01";

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(spec));
        await spans.FirstAsync(span => span.TraceId == trace && span.OperationName == "process general", Patience.Limit);

        var told = spans.Items.Where(span => span.TraceId == trace)
            .SelectMany(span => span.TagObjects
                .Concat(span.Events.SelectMany(each => each.Tags))
                .Select(tag => $"{tag.Value}")
                .Append(span.DisplayName))
            .ToList();
        Assert.NotEmpty(told);
        Assert.All(told, text => Assert.DoesNotContain("secret recipe", text, StringComparison.OrdinalIgnoreCase));
    }
}
