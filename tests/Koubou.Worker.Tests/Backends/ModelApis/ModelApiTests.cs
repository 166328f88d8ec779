using System.Text.Json;
using Koubou.Contracts;
using Koubou.ModelApiStandIn;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Backends.ModelApis;

public sealed class ModelApiTests
{
    private const string Secret = "sk-ant-api03-a-secret-key";

    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Chat_Streamed_CompletesWithItsFacts(string kind)
    {
        await using var bench = await ApiBench.StartAsync(kind);

        var completed = await bench.Session.CompletedAsync(await bench.Session.AssignAsync(Specs.General("hello there")));

        Assert.Equal("Answer to: hello there", completed.Output);
        Assert.Equal("box", completed.Facts.Backend);
        Assert.Equal("small", completed.Facts.Model);
        Assert.Equal(Zone.Local, completed.Facts.Zone);
        Assert.False(completed.Facts.Simulated);
        Assert.Equal(2, completed.Facts.Usage.PromptTokens);
        Assert.Equal(4, completed.Facts.Usage.CompletionTokens);
        Assert.NotNull(completed.Facts.FirstToken);
        Assert.NotNull(completed.Facts.Generation);
        Assert.Empty(completed.Facts.Tried);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Model_NoneConfigured_IsTheFirstThatTheServerHas(string kind)
    {
        await using var bench = await ApiBench.StartAsync(kind, values => values.Set("box", "Model", ""));

        var completed = await bench.Session.CompletedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal("large", completed.Facts.Model);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Options_AndSystemPrompt_ReachTheWire(string kind)
    {
        await using var bench = await ApiBench.StartAsync(
            kind, prepare: server => server.Answer = _ => ["""{"a":""", "\"because\"}"]);
        var spec = Specs.General("why?");
        spec.SystemPrompt = "Be short.";
        spec.Model = "large";
        spec.Options["max_tokens"] = "77";
        bench.Server.Answer = _ => ["""{"a":"because"}"""];
        spec.OutputSchema = """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""";

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(spec));

        var body = JsonElement.Parse(bench.Server.Requests.Items.Last(request => request.Body.Length > 0).Body);
        Assert.Equal("large", body.GetProperty("model").GetString());
        Assert.True(body.GetProperty("stream").GetBoolean());
        var text = body.GetRawText();
        Assert.Contains("Be short.", text, StringComparison.Ordinal);
        Assert.Contains("77", text, StringComparison.Ordinal);
        Assert.Contains("json_schema", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Key_GoesWhereItBelongsAndNowhereElse(string kind)
    {
        await using var bench = await ApiBench.StartAsync(
            kind, values => values.Set("box", "ApiKey", Secret), server => server.Key = Secret);

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(Specs.General()));
        bench.Server.Fault = new StandInFault(500, "api_error", "It broke.");
        await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.All(bench.Server.Keys.Items, key => Assert.Equal(Secret, key));
        Assert.DoesNotContain(bench.Node.Logs.Lines.Items, line => line.Text.Contains(Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(bench.Session.Frames.Items, frame => frame.ToString().Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Key_Refused_IsSaidInTheOfferWithTheSetting(string kind)
    {
        await using var bench = await ApiBench.StartAsync(kind, prepare: server => server.Key = Secret);

        var givenBack = await bench.Session.GivenBackAsync(await bench.Session.AssignAsync(Specs.General()));
        await bench.Session.OfferAsync(offer => offer.Backends.Any(backend =>
            !backend.Healthy && backend.Detail.Contains("Koubou:Worker:Backends:box:ApiKey", StringComparison.Ordinal)));

        Assert.Contains("Koubou:Worker:Backends:box:ApiKey", givenBack.Reason.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, StandInFault, string, FailureKind, int?> Faults
    {
        get
        {
            var data = new TheoryData<string, StandInFault, string, FailureKind, int?>();
            foreach (var kind in new[] { "openai", "anthropic" })
            {
                data.Add(kind, new(401, "invalid_api_key", "Incorrect API key"), "backend_auth_refused", FailureKind.Permanent, null);
                data.Add(kind, new(403, "permission_error", "Not yours"), "backend_auth_refused", FailureKind.Permanent, null);
                data.Add(kind, new(429, "rate_limit_error", "Slow down", "17"), "backend_busy", FailureKind.Transient, 17);
                data.Add(kind, new(429, "insufficient_quota", "No money"), "backend_quota_used_up", FailureKind.Permanent, null);
                data.Add(kind, new(503, "overloaded", "Later", "3"), "backend_busy", FailureKind.Transient, 3);
                data.Add(kind, new(529, "overloaded_error", "Overloaded"), "backend_busy", FailureKind.Transient, 5);
                data.Add(kind, new(500, "api_error", "Oops"), "backend_failed", FailureKind.Transient, null);
                data.Add(kind, new(504, "timeout_error", "Too slow"), "backend_failed", FailureKind.Transient, null);
                data.Add(kind, new(404, "model_not_found", "The model does not exist"), "model_unknown", FailureKind.Permanent, null);
                data.Add(kind, new(413, "request_too_large", "Too large"), "context_length_exceeded", FailureKind.Permanent, null);
                data.Add(kind, new(400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"),
                    "context_length_exceeded", FailureKind.Permanent, null);
                data.Add(kind, new(400, "context_length_exceeded", "This model's maximum context length is 8"),
                    "context_length_exceeded", FailureKind.Permanent, null);
                data.Add(kind, new(400, "invalid_request_error", "What?"), "backend_refused", FailureKind.Permanent, null);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Status_IsSorted(string kind, StandInFault fault, string code, FailureKind failureKind, int? retryAfter)
    {
        await using var bench = await ApiBench.StartAsync(kind, prepare: server => server.Fault = fault);

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal(code, failed.Error.Code);
        Assert.Equal(failureKind, failed.Error.Kind);
        Assert.Contains(fault.Message, failed.Error.Message, StringComparison.Ordinal);
        Assert.Equal(retryAfter, (int?)failed.RetryAfter?.Seconds);
        Assert.Single(bench.Server.Requests.Items, request => request.Body.Length > 0);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task ErrorEvent_InMidStream_FailsTransientlyWithItsWords(string kind)
    {
        await using var bench = await ApiBench.StartAsync(kind, prepare: server => server.ErrorAfterPieces = 2);

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal("backend_busy", failed.Error.Code);
        Assert.Contains("Overloaded", failed.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Stream_ThatBreaksOff_FailsTransiently(string kind)
    {
        await using var bench = await ApiBench.StartAsync(kind, prepare: server => server.BreakAfterPieces = 2);

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal("backend_broke_off", failed.Error.Code);
        Assert.Equal(FailureKind.Transient, failed.Error.Kind);
    }

    [Theory]
    [InlineData("openai", 0)]
    [InlineData("openai", 2)]
    [InlineData("anthropic", 0)]
    [InlineData("anthropic", 2)]
    public async Task Cancel_ClosesTheHttpStream(string kind, int piece)
    {
        await using var bench = await ApiBench.StartAsync(kind, prepare: server =>
            server.BeforePiece = index => index == piece ? _gate.Task : Task.CompletedTask);
        var assignment = await bench.Session.AssignAsync(Specs.General("long story"));
        await bench.Server.Requests.FirstAsync(request => request.Body.Length > 0, Patience.Limit);
        if (piece > 0)
        {
            await bench.Session.Reports.FirstAsync(report => report.Output is not null, Patience.Limit);
        }

        await bench.Session.EndAsync(assignment, EndReason.Cancelled);

        await bench.Server.Disconnects.FirstAsync(prompt => prompt == "long story", Patience.Limit);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Down_GivesBackAtOnceWithTheSetting(string kind)
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await NodeHarness.StartAsync(scheduler, values =>
            values.AddBackend("box", kind, new Uri($"http://127.0.0.1:{FreePort.Next()}/v1")));
        var session = await scheduler.SessionAsync();

        var givenBack = await session.GivenBackAsync(await session.AssignAsync(Specs.General()));

        Assert.Equal("backend_unreachable", givenBack.Reason.Code);
        Assert.Contains("Koubou:Worker:Backends:box:Endpoint", givenBack.Reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_NamesTheModels()
    {
        await using var bench = await ApiBench.StartAsync("openai");
        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(Specs.General()));

        var offer = await bench.Session.OfferAsync(
            offer => offer.Backends.Any(backend => backend.Models.Count > 0));

        var backend = Assert.Single(offer.Backends);
        Assert.Equal("openai", backend.Kind);
        Assert.Equal(["large", "small"], backend.Models);
        Assert.True(backend.Healthy);
    }
}
