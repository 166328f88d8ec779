using System.Net;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.OllamaStandIn;
using Koubou.Worker.Tests.Harness;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Worker.Tests.Backends.Ollama;

public sealed class OllamaBackendTests
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Chat_Streamed_CompletesWithItsFacts()
    {
        await using var bench = await Bench.StartAsync();

        var completed = await bench.Session.CompletedAsync(await bench.Session.AssignAsync(Specs.General("hello there")));

        Assert.Equal("Answer to: hello there", completed.Output);
        Assert.Equal("ollama", completed.Facts.Backend);
        Assert.Equal("gemma2:2b", completed.Facts.Model);
        Assert.Equal(Zone.Local, completed.Facts.Zone);
        Assert.False(completed.Facts.Simulated);
        Assert.Equal(2, completed.Facts.Usage.PromptTokens);
        Assert.Equal(4, completed.Facts.Usage.CompletionTokens);
        Assert.NotNull(completed.Facts.FirstToken);
        Assert.NotNull(completed.Facts.ModelLoad);
        Assert.NotNull(completed.Facts.Generation);
    }

    [Fact]
    public async Task Chat_TypesOptions_ReachTheWire()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, scheduler) =>
        {
            ollama.Answer = _ => ["{", "}"];
            scheduler.TaskTypes.Add(new TaskType
            {
                Name = "general",
                SystemPrompt = "Be short.",
                PromptTemplate = "Q: {prompt}",
                OutputSchema = """{"type":"object"}""",
                Options = { ["num_ctx"] = "8192", ["temperature"] = "0.25", ["seed"] = "7" },
            });
        });

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(Specs.General("why?")));

        var body = JsonElement.Parse(bench.Ollama.Requests.Items.Single(request => request.Path == "/api/chat").Body);
        Assert.Equal(8192, body.GetProperty("options").GetProperty("num_ctx").GetInt32());
        Assert.Equal(0.25, body.GetProperty("options").GetProperty("temperature").GetDouble());
        Assert.Equal(7, body.GetProperty("options").GetProperty("seed").GetInt32());
        Assert.Equal("object", body.GetProperty("format").GetProperty("type").GetString());
        Assert.Equal("Be short.", body.GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Contains("""{"type":"object"}""", body.GetProperty("messages")[1].GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Equal("Q: why?", body.GetProperty("messages")[2].GetProperty("content").GetString());
        Assert.False(body.GetProperty("truncate").GetBoolean());
        Assert.True(body.GetProperty("stream").GetBoolean());
    }

    [Fact]
    public async Task Model_Missing_IsPulledWithVisibleProgress()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) =>
        {
            ollama.Models.Clear();
            ollama.BeforePullLine = line =>
                line.Contains("\"completed\":800000000", StringComparison.Ordinal) ? _gate.Task : Task.CompletedTask;
        });

        var assignment = await bench.Session.AssignAsync(Specs.General());
        await bench.Session.ProgressAsync(assignment, "pulling gemma2:2b: 25 % of 1.6 GB");
        await bench.Session.Frames.FirstAsync(
            frame => frame.Offer?.Backends.Any(backend => backend.Detail.Contains("25 %", StringComparison.Ordinal)) == true,
            Patience.Limit);
        _gate.SetResult();
        var completed = await bench.Session.CompletedAsync(assignment);

        Assert.Equal("gemma2:2b", completed.Facts.Model);
        Assert.Single(bench.Ollama.Requests.Items, request => request.Path == "/api/pull");
    }

    [Fact]
    public async Task Model_MissingForMany_IsPulledOnce()
    {
        await using var bench = await Bench.StartAsync(
            values => values["Koubou:Worker:Ollama:ParallelMin"] = "4",
            (ollama, _) =>
            {
                ollama.Models.Clear();
                ollama.BeforePullLine = _ => _gate.Task;
            });

        var assigned = await bench.Session.AssignAllAsync(Enumerable.Range(0, 4).Select(n => Specs.General($"task {n}")));
        foreach (var assignment in assigned)
        {
            await bench.Session.ProgressAsync(assignment, "pulling");
        }

        _gate.SetResult();
        foreach (var assignment in assigned)
        {
            await bench.Session.CompletedAsync(assignment);
        }

        Assert.Single(bench.Ollama.Requests.Items, request => request.Path == "/api/pull");
    }

    [Fact]
    public async Task Pull_Failed_GivesBackWithTheCommand()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) =>
        {
            ollama.Models.Clear();
            ollama.PullError = "pull model manifest: Get \"https://registry.ollama.ai/v2/\": dial tcp: no such host";
        });

        var givenBack = await bench.Session.GivenBackAsync(await bench.Session.AssignAsync(Specs.General()));
        await bench.Session.Frames.FirstAsync(
            frame => frame.Offer?.Backends.Any(backend =>
                !backend.Healthy && backend.Detail.Contains("ollama pull gemma2:2b", StringComparison.Ordinal)) == true,
            Patience.Limit);

        Assert.Equal("model_missing", givenBack.Reason.Code);
        Assert.Contains("Run: ollama pull gemma2:2b", givenBack.Reason.Message, StringComparison.Ordinal);
        Assert.True(givenBack.RetryAfter.Seconds > 0);
    }

    [Fact]
    public async Task Pull_OfAModelThatDoesNotExist_FailsForGood()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) =>
            ollama.PullError = "pull model manifest: file does not exist");
        var spec = Specs.General();
        spec.Model = "no-such-model";

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal("model_unknown", failed.Error.Code);
        Assert.Equal(FailureKind.Permanent, failed.Error.Kind);
    }

    [Fact]
    public async Task Pull_ThatStalls_GivesBack()
    {
        await using var bench = await Bench.StartAsync(
            values => values["Koubou:Worker:Ollama:PullStallTimeout"] = "00:00:00.100",
            (ollama, _) =>
            {
                ollama.Models.Clear();
                ollama.BeforePullLine = _ => _gate.Task;
            });

        var givenBack = await bench.Session.GivenBackAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal("model_missing", givenBack.Reason.Code);
    }

    [Fact]
    public async Task ErrorLine_InMidStream_FailsTransiently()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) => ollama.ErrorAfterPieces = 2);

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal("backend_failed", failed.Error.Code);
        Assert.Equal(FailureKind.Transient, failed.Error.Kind);
        Assert.Contains("llama runner process has terminated", failed.Error.Message, StringComparison.Ordinal);
        Assert.Equal("gemma2:2b", failed.Facts.Model);
    }

    [Fact]
    public async Task Stream_ThatBreaksOff_FailsTransiently()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) => ollama.BreakAfterPieces = 2);

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal("backend_broke_off", failed.Error.Code);
        Assert.Equal(FailureKind.Transient, failed.Error.Kind);
    }

    [Fact]
    public async Task Busy_IsTransientAndKeepsRetryAfter()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) =>
        {
            ollama.BusyChats = 1;
            ollama.BusyRetryAfter = 17;
        });

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal("backend_busy", failed.Error.Code);
        Assert.Equal(FailureKind.Transient, failed.Error.Kind);
        Assert.Equal(17, failed.RetryAfter.Seconds);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "backend_refused", FailureKind.Permanent)]
    [InlineData(HttpStatusCode.InternalServerError, "backend_failed", FailureKind.Transient)]
    [InlineData(HttpStatusCode.TemporaryRedirect, "backend_redirected", FailureKind.Permanent)]
    public async Task Status_IsSorted(HttpStatusCode status, string code, FailureKind kind)
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) => ollama.ChatFault = (status, "what it says"));

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal(code, failed.Error.Code);
        Assert.Equal(kind, failed.Error.Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Cancel_ClosesTheHttpStream(int piece)
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) =>
            ollama.BeforePiece = index => index == piece ? _gate.Task : Task.CompletedTask);
        var assignment = await bench.Session.AssignAsync(Specs.General("long story"));
        await bench.Ollama.Requests.FirstAsync(request => request.Path == "/api/chat", Patience.Limit);
        if (piece > 0)
        {
            await bench.Session.Reports.FirstAsync(report => report.Output is not null, Patience.Limit);
        }

        await bench.Session.EndAsync(assignment, EndReason.Cancelled);

        await bench.Ollama.Disconnects.FirstAsync(prompt => prompt == "long story", Patience.Limit);
    }

    [Fact]
    public async Task Silence_BeforeTheFirstToken_IsNoted()
    {
        var clock = new FakeTimeProvider();
        await using var bench = await Bench.StartAsync(
            prepare: (ollama, _) => ollama.WhileLoading = () => _gate.Task, clock: clock);
        var assignment = await bench.Session.AssignAsync(Specs.General());
        await bench.Ollama.Requests.FirstAsync(request => request.Path == "/api/chat", Patience.Limit);

        clock.Advance(TimeSpan.FromSeconds(4));
        await bench.Session.ProgressAsync(assignment, "has not begun to answer after 4 s");
        _gate.SetResult();

        await bench.Session.CompletedAsync(assignment);
    }

    [Theory]
    [InlineData(DataPolicy.Unspecified)]
    [InlineData(DataPolicy.Local)]
    [InlineData(DataPolicy.Private)]
    public async Task CloudModel_BehindLocalOllama_IsRefusedAndNothingIsSent(DataPolicy policy)
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) =>
            ollama.AddModel("gpt-oss:120b-cloud", "https://ollama.com:443"));
        var spec = Specs.General("a secret");
        spec.Model = "gpt-oss:120b-cloud";
        spec.DataPolicy = policy;

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal("policy_refused", failed.Error.Code);
        Assert.Equal(FailureKind.Permanent, failed.Error.Kind);
        Assert.Contains("'cloud'", failed.Error.Message, StringComparison.Ordinal);
        Assert.Equal(Zone.Cloud, failed.Facts.Zone);
        Assert.DoesNotContain(bench.Ollama.Requests.Items, request =>
            request.Body.Contains("a secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CloudModel_WhereThePolicyAdmitsIt_Answers()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) =>
            ollama.AddModel("gpt-oss:120b-cloud", "https://ollama.com:443"));
        var spec = Specs.General();
        spec.Model = "gpt-oss:120b-cloud";
        spec.DataPolicy = DataPolicy.Any;

        var completed = await bench.Session.CompletedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal(Zone.Cloud, completed.Facts.Zone);
    }

    [Fact]
    public async Task Endpoint_FurtherAwayThanThePolicy_IsNotEvenAsked()
    {
        await using var bench = await Bench.StartAsync(values => values["Koubou:Worker:Ollama:Zone"] = "Private");

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General()));

        Assert.Equal("policy_refused", failed.Error.Code);
        Assert.Empty(bench.Ollama.Requests.Items);
    }

    [Fact]
    public async Task Configured_ButDown_GivesBackAtOnceWithTheCommandAndDemoNeverAnswers()
    {
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await NodeHarness.StartAsync(
            scheduler, NodeHarness.With(new Uri($"http://127.0.0.1:{FreePort.Next()}")));
        var session = await scheduler.SessionAsync();

        var givenBack = await session.GivenBackAsync(await session.AssignAsync(Specs.General()));

        Assert.Equal("backend_unreachable", givenBack.Reason.Code);
        Assert.Contains("ollama serve", givenBack.Reason.Message, StringComparison.Ordinal);
        Assert.Equal("ollama", givenBack.Facts.Backend);
        Assert.All(session.Hello.Offer.Backends, backend => Assert.False(backend.Simulated));
    }

    [Fact]
    public async Task Configured_AndComingLate_AnswersTheNextAttempt()
    {
        var port = FreePort.Next();
        await using var scheduler = await ScriptedScheduler.StartAsync();
        await using var node = await NodeHarness.StartAsync(
            scheduler,
            NodeHarness.With(new Uri($"http://127.0.0.1:{port}"))
                + (values => values["Koubou:Worker:Ollama:ProbeInterval"] = "00:00:00.050"));
        var session = await scheduler.SessionAsync();
        await session.GivenBackAsync(await session.AssignAsync(Specs.General("hi")));

        await using var ollama = await StandInServer.StartAsync(port);
        ollama.AddModel("gemma2:2b");
        await session.Frames.FirstAsync(frame => frame.Offer?.Backends.Any(backend => backend.Healthy) == true, Patience.Limit);
        var completed = await session.CompletedAsync(await session.AssignAsync(Specs.General("hi")));

        Assert.Equal("Answer to: hi", completed.Output);
    }

    [Fact]
    public async Task Prompt_ThatDoesNotFit_IsRefusedByOllamaAndNeverCut()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) => ollama.ContextLength = 10);

        var failed = await bench.Session.FailedAsync(
            await bench.Session.AssignAsync(Specs.General(string.Join(' ', Enumerable.Repeat("a", 30)))));

        Assert.Equal("context_length_exceeded", failed.Error.Code);
        Assert.Equal(FailureKind.Permanent, failed.Error.Kind);
        Assert.Contains("num_ctx", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompt_ThatCannotFit_IsNotEvenSent()
    {
        await using var bench = await Bench.StartAsync();

        var failed = await bench.Session.FailedAsync(
            await bench.Session.AssignAsync(Specs.General(new string('x', 100_000))));

        Assert.Equal("context_length_exceeded", failed.Error.Code);
        Assert.DoesNotContain(bench.Ollama.Requests.Items, request => request.Path == "/api/chat");
    }

    [Fact]
    public async Task Prompt_ThatAnOldOllamaMightCut_IsNotSent()
    {
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) => ollama.Version = "0.11.0");
        var spec = Specs.General(new string('x', 12_000));
        spec.Options["num_ctx"] = "4096";

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(spec));
        spec.Options["num_ctx"] = "8192";
        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal("context_length_exceeded", failed.Error.Code);
        Assert.Contains("0.12.7", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeepAlive_OfSettingsOrTask_ReachesTheWire()
    {
        await using var bench = await Bench.StartAsync(values => values["Koubou:Worker:Ollama:KeepAlive"] = "00:30:00");
        var spec = Specs.General();
        spec.Options["keep_alive"] = "-1";

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(Specs.General()));
        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal(["1800", "-1"], bench.Ollama.Requests.Items.Where(request => request.Path == "/api/chat")
            .Select(request => JsonElement.Parse(request.Body).GetProperty("keep_alive").GetRawText()));
    }

    [Fact]
    public async Task TasksOptions_WinOverItsTypes()
    {
        await using var bench = await Bench.StartAsync(prepare: (_, scheduler) => scheduler.TaskTypes.Add(new TaskType
        {
            Name = "general",
            Options = { ["num_ctx"] = "2048", ["temperature"] = "0.5" },
        }));
        var spec = Specs.General();
        spec.Options["num_ctx"] = "4096";

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(spec));

        var options = JsonElement.Parse(bench.Ollama.Requests.Items.Single(request => request.Path == "/api/chat").Body)
            .GetProperty("options");
        Assert.Equal(4096, options.GetProperty("num_ctx").GetInt32());
        Assert.Equal(0.5, options.GetProperty("temperature").GetDouble());
    }

    [Fact]
    public async Task Silence_BeyondItsLimit_FailsTransientlyAndClosesTheStream()
    {
        await using var bench = await Bench.StartAsync(
            values => values["Koubou:Worker:Ollama:SilenceTimeout"] = "00:00:00.200",
            (ollama, _) => ollama.BeforePiece = index => index == 1 ? _gate.Task : Task.CompletedTask);

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(Specs.General("long story")));

        Assert.Equal("backend_silent", failed.Error.Code);
        Assert.Equal(FailureKind.Transient, failed.Error.Kind);
        await bench.Ollama.Disconnects.FirstAsync(prompt => prompt == "long story", Patience.Limit);
    }

    [Fact]
    public async Task InFlight_NeverExceedsWhatTheBackendIsGiven()
    {
        await using var bench = await Bench.StartAsync(
            values =>
            {
                values["Koubou:Worker:Ollama:ParallelMin"] = "2";
                values["Koubou:Worker:Ollama:ParallelMax"] = "2";
            },
            (ollama, _) => ollama.PieceDelay = TimeSpan.FromMilliseconds(5));

        foreach (var assignment in await bench.Session.AssignAllAsync(Enumerable.Range(0, 40).Select(n => Specs.General($"{n}"))))
        {
            await bench.Session.CompletedAsync(assignment);
        }

        Assert.Equal(2, bench.Ollama.InFlightMax);
    }

    [Fact]
    public async Task Offer_NamesModelsAndWhatIsLoaded()
    {
        await using var bench = await Bench.StartAsync(
            values => values["Koubou:Worker:Ollama:ProbeInterval"] = "00:00:00.050",
            (ollama, _) => ollama.AddModel("qwen3:4b"));

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(Specs.General()));
        var frame = await bench.Session.Frames.FirstAsync(
            frame => frame.Offer?.Backends.Any(backend => backend.LoadedModels.Count > 0) == true, Patience.Limit);

        var backend = Assert.Single(frame.Offer.Backends);
        Assert.True(backend.Healthy);
        Assert.Equal(["gemma2:2b", "qwen3:4b"], backend.Models);
        Assert.Equal(["gemma2:2b"], backend.LoadedModels);
    }

    [Fact]
    public async Task Offer_SaysWithWhichRunnerOptionsAModelIsLoaded()
    {
        await using var bench = await Bench.StartAsync(
            values => values["Koubou:Worker:Ollama:ProbeInterval"] = "00:00:00.050");
        var spec = Specs.General();
        spec.Options["num_ctx"] = "2048";
        spec.Options["temperature"] = "0.5";

        await bench.Session.CompletedAsync(await bench.Session.AssignAsync(spec));
        var frame = await bench.Session.Frames.FirstAsync(
            frame => frame.Offer?.Backends.Any(backend => backend.LoadedRunners.Contains("gemma2:2b num_ctx=2048")) == true,
            Patience.Limit);

        var backend = Assert.Single(frame.Offer.Backends);
        Assert.True(backend.SwapsModels);
        Assert.Equal("gemma2:2b", backend.DefaultModel);
    }

    [Fact]
    public async Task Offer_NamesTheModelsThatACloudComputes()
    {
        await using var bench = await Bench.StartAsync(
            prepare: (ollama, _) => ollama.AddModel("gpt-oss:120b-cloud", "https://ollama.com:443"));

        var frame = await bench.Session.OfferAsync(offer => offer.Backends.Any(backend => backend.Models.Count == 2));

        Assert.Equal(["gpt-oss:120b-cloud"], frame.Backends.Single().CloudModels);
    }

    [Fact]
    public async Task Model_MissingWhereNoneMayBePulled_IsToldBeforeAnyTaskComes()
    {
        await using var bench = await Bench.StartAsync(
            values => values["Koubou:Worker:Ollama:PullMissing"] = "false",
            (ollama, _) => ollama.Models.Clear());

        var offer = await bench.Session.OfferAsync(offer => offer.Backends.Any(backend => backend.Detail.Contains("pull", StringComparison.Ordinal)));

        Assert.False(offer.Backends.Single().Healthy);
        Assert.Contains("ollama pull gemma2:2b", offer.Backends.Single().Detail, StringComparison.Ordinal);
    }
}
