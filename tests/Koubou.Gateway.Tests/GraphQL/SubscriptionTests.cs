using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.GraphQL;

/// <summary>Subscriptions, with the reference client of graphql-transport-ws and as server-sent events.</summary>
public sealed class SubscriptionTests(WorkshopFixture workshop)
{
    private const string Init = """{"type":"connection_init"}""";
    private const string Protocol = "graphql-transport-ws";

    [Fact]
    public async Task Events_FromANumber_AreResumedByTheReferenceClient()
    {
        var type = workshop.NewType();
        var before = await LastSequenceAsync();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "x");
        await workshop.HappenedAsync(id, EventKind.Succeeded);

        var all = await FollowAsync("""subscription($from: Long, $ids: [ID!]) { taskEvents(from: $from, taskIds: $ids) { sequence change { taskId event } } }""",
            4, new { from = before + 1, ids = new[] { id } });
        var second = all[2].GetProperty("sequence").GetInt64();
        var rest = await FollowAsync("""subscription($from: Long, $type: String!) { taskEvents(from: $from, types: [$type]) { sequence change { event } } }""",
            2, new { from = second + 1, type });

        Assert.Equal(JsonValueKind.Null, all[0].GetProperty("change").ValueKind);
        Assert.Equal(["submitted", "started", "succeeded"], all.Skip(1).Select(note => note.GetProperty("change").Text("event")));
        Assert.Equal("succeeded", rest[1].GetProperty("change").Text("event"));
    }

    [Fact]
    public async Task Output_OfATask_IsStreamedToItsEnd()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        var work = await node.TakeAsync();
        await node.SayAsync(work, new OutputChunk { Offset = 0, Text = "Hello" });
        await node.CompleteAsync(work, "Hello world");
        await workshop.HappenedAsync(id, EventKind.Succeeded);

        var notes = await ResultsAsync("""subscription($id: ID!) { taskOutput(id: $id) { kind offset nextOffset text task { status } } }""", 100, new { id });

        var told = notes.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("data").GetProperty("taskOutput")).ToList();
        Assert.Equal("Hello world", string.Concat(told.Where(note => note.Text("kind") == "chunk").Select(note => note.Text("text"))));
        Assert.Equal(("done", "completed"), (told[^1].Text("kind"), told[^1].GetProperty("task").Text("status")));
    }

    [Fact]
    public async Task Status_IsSentAtOnce()
    {
        var results = await ResultsAsync("subscription { systemStatus { pendingTasks lastSequence } }", 1);

        Assert.True(results.GetProperty("results")[0].GetProperty("data").GetProperty("systemStatus").GetProperty("lastSequence").GetInt64() >= 0);
    }

    [Theory]
    [InlineData("subscription { taskOutput(id: \"x\") { kind } }", "unknown_task")]
    [InlineData("subscription { taskEvents(from: 0) { sequence } }", "invalid_request")]
    [InlineData("subscription { nonsense }", null)]
    [InlineData("subscription {", null)]
    public async Task Subscription_Refused_SaysWhy(string query, string? code)
    {
        var answer = await ResultsAsync(query, 1);

        var errors = answer.TryGetProperty("errors", out var refused) ? refused : answer.GetProperty("results")[0].GetProperty("errors");
        Assert.True(code is null || errors[0].GetProperty("extensions").Text("code") == code, errors.ToString());
    }

    [Fact]
    public async Task Queries_OverTheSocket_AreAnsweredToo()
    {
        var answer = await ResultsAsync("{ systemStatus { nodes } }", 100);

        Assert.Single(answer.GetProperty("results").EnumerateArray());
    }

    [Theory]
    [InlineData(4400, Protocol, "nonsense")]
    [InlineData(4400, Protocol, """{"type":"hello"}""")]
    [InlineData(4400, Protocol, "[]")]
    [InlineData(4400, Protocol, Init, """{"type":"subscribe","id":"1","payload":{}}""")]
    [InlineData(4401, Protocol, """{"type":"subscribe","id":"1","payload":{"query":"{ __typename }"}}""")]
    [InlineData(4406, "")]
    [InlineData(4409, Protocol, Init, Subscribe, Subscribe)]
    [InlineData(4429, Protocol, Init, Init)]
    public async Task Client_AgainstTheProtocol_IsClosedWithItsCode(int code, string protocol, params string[] messages)
    {
        var closed = await NodeProgram.RunAsync("transport.mjs", [protocol, Address(workshop.Gateway), .. messages]);

        Assert.Equal(code, closed[0].GetProperty("code").GetInt32());
    }

    [Theory]
    [InlineData(4400)]
    [InlineData(4401)]
    [InlineData(4408)]
    [InlineData(4409)]
    [InlineData(4429)]
    public async Task ReferenceClient_OnASocketThatBreaksTheRule_ReportsTheCode(int code)
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:GraphQl:InitTimeout", code == 4408 ? "00:00:00.200" : "00:00:30"));

        var closed = await NodeProgram.RunAsync("transport.mjs", "fault", Address(gateway), $"{code}");

        Assert.Equal(code, closed[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Client_ThatStaysSilent_IsClosed()
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:GraphQl:InitTimeout", "00:00:00.200"));

        var closed = await NodeProgram.RunAsync("transport.mjs", Protocol, Address(gateway));

        Assert.Equal(4408, closed[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Gateway_Stops_ClientIsToldSo()
    {
        var gateway = workshop.StartGateway();
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.AddSubProtocol(Protocol);
        await socket.ConnectAsync(new Uri(Address(gateway)), CancellationToken.None);

        var stopping = gateway.DisposeAsync();
        var end = await socket.ReceiveAsync(new byte[256], CancellationToken.None);

        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable, end.CloseStatus);
        await socket.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await stopping;
    }

    [Fact]
    public async Task Events_AsServerSentEvents_ComeOneByOne()
    {
        var type = workshop.NewType();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql")
        {
            Content = new StringContent(
                JsonSerializer.Serialize(new { query = $$"""subscription { taskEvents(types: ["{{type}}"]) { change { taskId event } } }""" }),
                System.Text.Encoding.UTF8,
                "application/json"),
        };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await workshop.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());

        var begun = await NextAsync(reader);
        var id = await workshop.Http.DelegateAsync(type);
        var submitted = await NextAsync(reader);

        Assert.Equal(JsonValueKind.Null, begun.GetProperty("change").ValueKind);
        Assert.Equal(id, submitted.GetProperty("change").Text("taskId"));
    }

    private const string Subscribe =
        """{"type":"subscribe","id":"1","payload":{"query":"subscription { taskEvents { sequence } }"}}""";

    private static string Address(GatewayHost gateway) =>
        new UriBuilder(gateway.GraphQl) { Scheme = "ws", Path = "/graphql" }.Uri.ToString();

    private static async Task<JsonElement> NextAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: {", StringComparison.Ordinal))
            {
                return JsonElement.Parse(line["data: ".Length..]).GetProperty("data").GetProperty("taskEvents");
            }
        }

        throw new InvalidOperationException("The stream ended.");
    }

    private async Task<long> LastSequenceAsync() => (await workshop.Http.QueryAsync("{ systemStatus { lastSequence } }"))
        .GetProperty("systemStatus").GetProperty("lastSequence").GetInt64();

    private async Task<List<JsonElement>> FollowAsync(string query, int count, object variables) =>
        [.. (await ResultsAsync(query, count, variables)).GetProperty("results").EnumerateArray()
            .Select(result => result.GetProperty("data").GetProperty("taskEvents"))];

    private async Task<JsonElement> ResultsAsync(string query, int count, object? variables = null) =>
        (await NodeProgram.RunAsync(
            "transport.mjs",
            "subscribe",
            Address(workshop.Gateway),
            query,
            $"{count}",
            JsonSerializer.Serialize(variables ?? new { })))[0];
}
