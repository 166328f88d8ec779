using System.Text;
using System.Text.Json;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;
using ModelContextProtocol.Client;

namespace Koubou.Gateway.Tests.Mcp;

public sealed class WaitTests(WorkshopFixture workshop)
{
    public static TheoryData<string> BothKinds => [McpSteps.Sessions, McpSteps.Newest];

    [Theory]
    [MemberData(nameof(BothKinds))]
    public async Task Wait_WhileTheTaskRuns_TellsStatePositionAndTokens(string version)
    {
        var type = workshop.NewType();
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:Mcp:ProgressInterval", "00:00:00.2"));
        await using var client = await gateway.ConnectAsync(version);
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);
        using var notes = new Notes();

        var waiting = client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""", notes);
        await notes.HeardAsync("queued, position ");
        var work = await node.TakeAsync();
        await node.SayAsync(work, "thinking");
        await notes.HeardAsync("running, 0 tokens so far (thinking)");
        await node.CompleteAsync(work, "done");
        var waited = await waiting;

        Assert.True(waited["done"].GetBoolean());
        Assert.Equal(notes.Values.Order(), notes.Values);
        Assert.Equal(notes.Values.Count, notes.Values.Distinct().Count());
    }

    [Fact]
    public async Task Wait_WhenTheTimeIsUp_SaysThatNothingIsLost()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        var id = await client.DelegateAsync(type);

        var waited = await client.CallAsync("wait", $$"""{"ids":["{{id}}"],"timeout_seconds":0}""");

        Assert.False(waited["done"].GetBoolean());
        Assert.Equal("queued", Assert.Single(waited["open"].EnumerateArray()).Text("state"));
        Assert.Contains("nothing is lost", waited.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_ForAny_ReturnsWithTheFirst()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var first = await client.DelegateAsync(type, "first");
        var second = await client.DelegateAsync(type, "second");

        var waiting = client.CallAsync("wait", $$"""{"ids":["{{first}}","{{second}}"],"for":"any"}""");
        await node.CompleteAsync(await node.TakeAsync(), "1");
        var waited = await waiting;

        Assert.True(waited["done"].GetBoolean());
        Assert.Equal(first, Assert.Single(waited["finished"].EnumerateArray()).Text("id"));
        Assert.Equal(second, Assert.Single(waited["open"].EnumerateArray()).Text("id"));
    }

    [Theory]
    [MemberData(nameof(BothKinds))]
    public async Task Wait_CancelledByItsCaller_CancelsTheTaskOnlyWhereAskedTo(string version)
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync(version);
        await using var node = await workshop.JoinAsync(type);
        var kept = await client.DelegateAsync(type, "keep");
        var ended = await client.DelegateAsync(type, "end");

        foreach (var (id, cancel) in new[] { (kept, "false"), (ended, "true") })
        {
            using var patience = new CancellationTokenSource();
            using var notes = new Notes();
            var waiting = client.CallAsync(
                "wait", $$"""{"ids":["{{id}}"],"cancel_on_abort":{{cancel}}}""", notes, patience.Token);
            await notes.HeardAsync("queued");
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        await workshop.HappenedAsync(ended, EventKind.Cancelled);
        Assert.Equal(kept, (await node.TakeAsync()).TaskId);
    }

    [Theory]
    [MemberData(nameof(BothKinds))]
    public async Task Wait_WhoseConnectionBreaks_CancelsTheTaskWhereAskedTo(string version)
    {
        var type = workshop.NewType();
        await using var patient = await workshop.Gateway.ConnectAsync();
        var id = await patient.DelegateAsync(type);
        using var breakable = new BreakableHandler();
        var client = await McpClient.CreateAsync(
            new HttpClientTransport(
                new HttpClientTransportOptions
                {
                    Endpoint = workshop.Gateway.McpAddress(),
                    TransportMode = HttpTransportMode.StreamableHttp,
                },
                new HttpClient(breakable)),
            McpSteps.Options(version));
        using var notes = new Notes();

        var waiting = client.CallAsync("wait", $$"""{"ids":["{{id}}"],"cancel_on_abort":true}""", notes);
        await notes.HeardAsync("queued");
        breakable.Break();

        await workshop.HappenedAsync(id, EventKind.Cancelled);
        Assert.NotNull(await Record.ExceptionAsync(() => waiting));
        await Record.ExceptionAsync(() => client.DisposeAsync().AsTask());
    }

    [Theory]
    [MemberData(nameof(BothKinds))]
    public async Task Wait_TakenUpByANewConnection_FindsTheResult(string version)
    {
        var type = workshop.NewType();
        var name = McpSteps.NewName();
        await using var node = await workshop.JoinAsync(type);
        string id;
        await using (var first = await workshop.Gateway.ConnectAsync(version, name))
        {
            id = await first.DelegateAsync(type);
            using var notes = new Notes();
            using var patience = new CancellationTokenSource();
            var lost = first.CallAsync("wait", $$"""{"ids":["{{id}}"]}""", notes, patience.Token);
            await notes.HeardAsync("queued");
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lost);
        }

        await node.CompleteAsync(await node.TakeAsync(), "found");
        await using var second = await workshop.Gateway.ConnectAsync(version, name);
        var waited = await second.CallAsync("wait", $$"""{"ids":["{{id}}"]}""");

        Assert.Equal("found", Assert.Single(waited["finished"].EnumerateArray()).Text("output"));
    }

    [Fact]
    public async Task Wait_WhileTheSchedulerIsAway_IsTakenUpAgain()
    {
        await using var failing = await WorkshopFixture.StartAsync();
        var type = failing.NewType();
        await using var gateway = failing.StartGateway(("Koubou:Gateway:Mcp:ProgressInterval", "00:00:00.2"));
        await using var client = await gateway.ConnectAsync();
        await using var node = await failing.JoinAsync(type);
        var id = await client.DelegateAsync(type);
        using var notes = new Notes();

        var waiting = client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""", notes);
        await notes.HeardAsync("queued");
        using (failing.Scheduler.Fail("Wait", new RpcException(new Status(StatusCode.Unavailable, "away"))))
        {
            await notes.HeardAsync("does not answer");
            await node.CompleteAsync(await node.TakeAsync(), "still here");
        }

        Assert.Contains("still here", (await waiting).Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BothKinds))]
    public async Task Wait_AfterTheSchedulerRestarted_FindsTheTask(string version)
    {
        await using var own = await WorkshopFixture.StartAsync();
        var type = own.NewType();
        await using var client = await own.Gateway.ConnectAsync(version);
        var id = await client.DelegateAsync(type);

        await own.Scheduler.StopAsync();
        await own.Scheduler.RestartAsync();
        await using var node = await own.JoinAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "still known");
        var waited = await client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""");

        Assert.Equal("still known", Assert.Single(waited["finished"].EnumerateArray()).Text("output"));
    }

    [Fact]
    public async Task Wait_TwoHundredAtOnce_AllReturn()
    {
        const int Waits = 200;
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var tasks = string.Join(',', Enumerable.Range(0, Waits).Select(i => $$"""{"prompt":"{{i}}"}"""));
        var batch = await client.CallAsync("delegate_many", $$"""{"tasks":[{{tasks}}],"common":{"type":"{{type}}"},"batch_id":"{{type}}"}""");
        var listed = await ReadIdsAsync(client, type);

        var waiting = listed.Select(id => client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""")).ToList();
        for (var i = 0; i < Waits; i++)
        {
            var work = await node.TakeAsync();
            await node.CompleteAsync(work, $"answer {work.Spec.Prompt}");
        }

        var answers = await Task.WhenAll(waiting);
        Assert.Equal(Waits, batch["count"].GetInt32());
        Assert.Equal(0, batch["ids"].GetArrayLength());
        Assert.Equal(
            Enumerable.Range(0, Waits).Select(i => $"answer {i}").Order(),
            answers.Select(answer => Assert.Single(answer["finished"].EnumerateArray()).Text("output")).Order());
    }

    [Fact]
    public async Task Wait_OnABatchOfManyLongResults_StaysBelowTheClientsLimit()
    {
        const int Tasks = 60;
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var tasks = string.Join(',', Enumerable.Range(0, Tasks).Select(i => $$"""{"prompt":"{{i}}"}"""));
        await client.CallAsync("delegate_many", $$"""{"tasks":[{{tasks}}],"common":{"type":"{{type}}"},"batch_id":"{{type}}"}""");
        for (var i = 0; i < Tasks; i++)
        {
            await node.CompleteAsync(await node.TakeAsync(), string.Concat(Enumerable.Repeat("長い答え。", 2_000)));
        }

        var waited = await client.CallAsync("wait", $$"""{"batch_id":"{{type}}"}""");

        Assert.Equal(Tasks, waited["finished_count"].GetInt32());
        Assert.Equal(25, waited["finished"].GetArrayLength());
        Assert.InRange(Encoding.UTF8.GetByteCount(waited.Text), 5_000, 32_000);
        Assert.Contains("35 more results", waited.Text, StringComparison.Ordinal);
    }

    private static async Task<List<string>> ReadIdsAsync(McpClient client, string batch)
    {
        var ids = new List<string>();
        string? token = null;
        do
        {
            var page = await client.CallAsync(
                "list_tasks", JsonSerializer.Serialize(new { batch_id = batch, page_size = 50, page_token = token }));
            ids.AddRange(page["tasks"].EnumerateArray().Select(task => task.Text("id")));
            token = page.Content.TryGetProperty("next_page_token", out var next) ? next.GetString() : null;
        }
        while (token is not null);

        return ids;
    }

    /// <summary>A way to the server that can be cut off, as when a cable is pulled.</summary>
    private sealed class BreakableHandler : DelegatingHandler
    {
        private readonly CancellationTokenSource _broken = new();

        public BreakableHandler()
            : base(new SocketsHttpHandler())
        {
        }

        public void Break()
        {
            _broken.Cancel();
            InnerHandler!.Dispose();
        }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _broken.Token.ThrowIfCancellationRequested();
            var response = await base.SendAsync(request, cancellationToken);
            _broken.Token.Register(response.Dispose);
            return response;
        }

        protected override void Dispose(bool disposing)
        {
            _broken.Dispose();
            base.Dispose(disposing);
        }
    }
}
