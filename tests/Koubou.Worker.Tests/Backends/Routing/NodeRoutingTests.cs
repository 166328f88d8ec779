using System.Net;
using Koubou.Contracts;
using Koubou.OllamaStandIn;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Backends.Routing;

/// <summary>One node with several Ollamas.</summary>
public sealed class NodeRoutingTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StandInServer _left = null!;
    private StandInServer _right = null!;
    private ScriptedScheduler _scheduler = null!;

    public async ValueTask InitializeAsync()
    {
        _left = await StandInServer.StartAsync();
        _right = await StandInServer.StartAsync();
        _left.AddModel("gemma2:2b");
        _right.AddModel("gemma2:2b");
        _scheduler = await ScriptedScheduler.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _scheduler.DisposeAsync();
        await _left.DisposeAsync();
        await _right.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("ollama")]
    public async Task TwoOllamas_UnderLoad_BothWork(string backend)
    {
        _left.BeforePiece = _right.BeforePiece = _ => _gate.Task;
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();

        var assigned = await session.AssignAllAsync(Enumerable.Range(0, 4).Select(n => General(backend, $"{n}")));
        await _left.Requests.FirstAsync(_ => Chats(_left) == 2, Patience.Limit);
        await _right.Requests.FirstAsync(_ => Chats(_right) == 2, Patience.Limit);
        _gate.SetResult();
        foreach (var assignment in assigned)
        {
            await session.CompletedAsync(assignment);
        }

        Assert.Equal(2, Chats(_left));
        Assert.Equal(2, Chats(_right));
    }

    [Fact]
    public async Task OneThatHoldsTheModel_IsAskedFirst()
    {
        _right.Loaded["gemma2:2b"] = true;
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();
        await session.OfferAsync(offer => offer.Backends.Any(backend => backend.LoadedModels.Count > 0));

        for (var n = 0; n < 5; n++)
        {
            await session.CompletedAsync(await session.AssignAsync(Specs.General()));
        }

        Assert.Equal(5, Chats(_right));
        Assert.Equal(0, _left.Loads);
    }

    [Fact]
    public async Task OneThatDies_IsReplacedByTheOtherAtOnce()
    {
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();
        await session.CompletedAsync(await session.AssignAsync(Specs.General()));
        await _left.DisposeAsync();

        for (var n = 0; n < 5; n++)
        {
            var completed = await session.CompletedAsync(await session.AssignAsync(Specs.General()));
            Assert.Equal("right", completed.Facts.Backend);
        }
    }

    [Fact]
    public async Task OneThatFailsAgainAndAgain_IsLeftAloneUntilItIsWell()
    {
        _left.ChatFault = (HttpStatusCode.InternalServerError, "it broke");
        // Each holds the model, so that the one that answered first is not preferred for that.
        _left.Loaded["gemma2:2b"] = _right.Loaded["gemma2:2b"] = true;
        await using var node = await StartAsync(values =>
        {
            values.Set("left", "CircuitFailures", "2");
            values.Set("left", "CircuitBreak", "00:00:00.300");
        });
        var session = await _scheduler.SessionAsync();
        await session.OfferAsync(offer => offer.Backends.All(backend => backend.LoadedModels.Count > 0));

        for (var n = 0; n < 5; n++)
        {
            Assert.Equal("right", (await session.CompletedAsync(await session.AssignAsync(Specs.General()))).Facts.Backend);
        }

        await session.OfferAsync(offer => offer.Backends.Any(backend =>
            backend is { Name: "left", CircuitOpen: true, Healthy: false }));
        var asked = Chats(_left);
        _left.ChatFault = null;
        TaskReport report;
        do
        {
            report = await session.EndOfAsync(await session.AssignAsync(General("left", "well again?")));
        }
        while (report.GivenBack is not null);

        Assert.Equal("left", report.Completed.Facts.Backend);
        Assert.Equal(2, asked);
        Assert.Contains(node.Logs.Lines.Items, line => line.Text == "Backend left answers again");
    }

    [Fact]
    public async Task Circuit_OfTheOnlyOne_GivesBackWithoutAsking()
    {
        _left.ChatFault = (HttpStatusCode.InternalServerError, "it broke");
        await using var node = await StartAsync(values => values.Set("left", "CircuitFailures", "1"));
        var session = await _scheduler.SessionAsync();

        await session.FailedAsync(await session.AssignAsync(General("left", "a")));
        var givenBack = await session.GivenBackAsync(await session.AssignAsync(General("left", "b")));

        Assert.Equal("circuit_open", givenBack.Reason.Code);
        Assert.InRange(givenBack.RetryAfter.ToTimeSpan().TotalSeconds, 1, 15);
        Assert.Equal(1, Chats(_left));
    }

    [Fact]
    public async Task Failure_AfterTheAnswerBegan_AsksNobodyElse()
    {
        _left.ErrorAfterPieces = 2;
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();

        var failed = await session.FailedAsync(await session.AssignAsync(Specs.General()));

        Assert.Equal("backend_failed", failed.Error.Code);
        Assert.Equal(0, Chats(_right));
    }

    [Fact]
    public async Task Fallbacks_OfATask_WinOverItsTypes()
    {
        _left.ChatFault = (HttpStatusCode.InternalServerError, "it broke");
        _scheduler.TaskTypes.Add(new TaskType { Name = "general", Backend = "left", Fallbacks = { "right" } });
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();
        var alone = Specs.General();
        alone.Options["fallbacks"] = "[]";

        var completed = await session.CompletedAsync(await session.AssignAsync(Specs.General()));
        var failed = await session.FailedAsync(await session.AssignAsync(alone));

        Assert.Equal("right", completed.Facts.Backend);
        Assert.Equal("backend_failed", Assert.Single(completed.Facts.Tried).Error.Code);
        Assert.Equal("left", failed.Facts.Backend);
        Assert.Empty(failed.Facts.Tried);
    }

    [Fact]
    public async Task Backend_OfNobody_IsTold()
    {
        await using var node = await StartAsync();
        var session = await _scheduler.SessionAsync();

        var failed = await session.FailedAsync(await session.AssignAsync(General("middle", "a")));

        Assert.Equal("backend_unknown", failed.Error.Code);
        Assert.Contains("left, right", failed.Error.Message, StringComparison.Ordinal);
    }

    private static TaskSpec General(string backend, string prompt)
    {
        var spec = Specs.General(prompt);
        spec.Backend = backend;
        return spec;
    }

    private static int Chats(StandInServer server) => server.Requests.Items.Count(request => request.Path == "/api/chat");

    private Task<NodeHarness> StartAsync(Action<Dictionary<string, string?>>? settings = null) =>
        NodeHarness.StartAsync(_scheduler, values =>
        {
            foreach (var (name, server) in new[] { ("left", _left), ("right", _right) })
            {
                values.AddBackend(name, server);
                values.Set(name, "ParallelMin", "2");
                values.Set(name, "ParallelMax", "2");
            }

            settings?.Invoke(values);
        });
}
