using System.Net.WebSockets;
using System.Text.Json;
using CsCheck;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Sockets;

/// <summary>What a socket hears of, and from where on.</summary>
public sealed class WatchTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Subscribe_FromANumber_RepeatsWhatWasMissed()
    {
        var type = workshop.NewType();
        await using var socket = await SocketClient.ConnectAsync(workshop.Gateway.WebSocket);
        var first = await workshop.Http.DelegateAsync(type);
        var seen = await UpdateAsync(socket, first);
        var second = await workshop.Http.DelegateAsync(type);
        await UpdateAsync(socket, second);

        await socket.SendAsync(
            $$$"""{"type":"subscribe","request_id":"r","payload":{"from":{{{seen.GetProperty("sequence").GetInt64() + 1}}},"types":["{{{type}}}"]}}""");
        var subscribed = await socket.NextAsync("subscribed");
        var repeated = await socket.NextAsync("task_update");

        Assert.Equal("r", subscribed.Text("request_id"));
        Assert.Equal(second, repeated.GetProperty("payload").Text("task_id"));
    }

    [Theory]
    [InlineData("task_ids")]
    [InlineData("types")]
    [InlineData("batch_id")]
    public async Task Subscribe_ToSome_HearsOfNoOthers(string by)
    {
        var (type, other, batch) = (workshop.NewType(), workshop.NewType(), Guid.NewGuid().ToString());
        var submitted = await workshop.Http.PostAsync("/api/v1/tasks", $$"""{"type":"{{type}}","prompt":"a","batch_id":"{{batch}}"}""");
        var mine = submitted["id"].GetString()!;
        await using var socket = await SocketClient.ConnectAsync(workshop.Gateway.WebSocket);
        await socket.SendAsync($$$"""
            {"type":"subscribe","payload":{{{by switch
            {
                "task_ids" => $$"""{"task_ids":["{{mine}}"]}""",
                "types" => $$"""{"types":["{{type}}"]}""",
                _ => $$"""{"batch_id":"{{batch}}"}""",
            }}}}}
            """);
        await socket.NextAsync("subscribed");

        await workshop.Http.DelegateAsync(other);
        await workshop.Http.PostAsync($"/api/v1/tasks/{mine}/cancel", "{}");
        var update = await socket.NextAsync("task_update");

        Assert.Equal((mine, "cancelled"), (update.GetProperty("payload").Text("task_id"), update.GetProperty("payload").Text("event")));
    }

    [Fact]
    public async Task Address_WithFrom_Resumes()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);

        await using var socket = await SocketClient.ConnectAsync(new Uri(workshop.Gateway.Main, $"/ws?from=1&type={type}"));
        var update = await socket.NextAsync("task_update");

        Assert.Equal(id, update.GetProperty("payload").Text("task_id"));
    }

    [Fact]
    public async Task CancelTask_IsAnsweredAndDone()
    {
        var id = await workshop.Http.DelegateAsync(workshop.NewType());
        await using var socket = await SocketClient.ConnectAsync(workshop.Gateway.WebSocket);
        var cancel = $$$"""{"type":"cancel_task","request_id":1,"payload":{"task_id":"{{{id}}}"}}""";

        await socket.SendAsync(cancel);
        var cancelled = await socket.NextAsync("task_cancelled");
        await socket.SendAsync(cancel);
        var again = await socket.NextAsync("error");

        Assert.Equal(id, cancelled.GetProperty("payload").Text("task_id"));
        Assert.Equal(409, again.GetProperty("payload").GetProperty("status").GetInt32());
    }

    [Theory]
    [InlineData("""{"type":"subscribe","payload":7}""", "payload")]
    [InlineData("""{"type":"subscribe","payload":{"from":0}}""", "from")]
    [InlineData("""{"type":"subscribe","payload":{"from":"1"}}""", "from")]
    [InlineData("""{"type":"subscribe","payload":{"types":"code"}}""", "types")]
    [InlineData("""{"type":"subscribe","payload":{"task_ids":[1]}}""", "task_ids")]
    [InlineData("""{"type":"subscribe","payload":{"tipes":[]}}""", "tipes")]
    [InlineData("""{"type":"cancel_task"}""", "task_id")]
    public async Task BadWish_IsAnsweredWithItsField(string message, string field)
    {
        await using var socket = await SocketClient.ConnectAsync(workshop.Gateway.WebSocket);

        await socket.SendAsync(message);
        var error = await socket.NextAsync("error");

        Assert.True(error.GetProperty("payload").GetProperty("errors").TryGetProperty(field, out _), error.ToString());
    }

    [Fact]
    public async Task Sockets_OverTheBound_AreRefusedUntilOneLeaves()
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:Limits:SocketsMax", "1"));
        var first = await SocketClient.ConnectAsync(gateway.WebSocket);

        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.ConnectAsync(gateway.WebSocket));
        await first.CloseAsync();
        await using var next = await SocketClient.ConnectAsync(gateway.WebSocket);
    }

    [Fact]
    public async Task Messages_Random_NeverBreakTheGateway()
    {
        const string Seed = """{"type":"subscribe","request_id":[1],"payload":{"from":1,"types":["a"],"task_ids":["\ud83d"],"batch_id":"b"}}""";
        await using var socket = await SocketClient.ConnectAsync(workshop.Gateway.WebSocket);

        await Gen.Select(Gen.String[0, 8], Gen.Int[0, 120], Gen.Int[0, 40]).SampleAsync(
            async sample =>
            {
                var (noise, at, cut) = sample;
                var start = Math.Min(at, Seed.Length);
                await socket.SendAsync(Seed[..start] + noise + Seed[Math.Min(Seed.Length, start + cut)..]);
                await socket.SendAsync("""{"type":"ping"}""");
                await socket.NextAsync("pong");
                return true;
            },
            iter: 200,
            threads: 1);

        Assert.Empty(workshop.Gateway.Errors);
    }

    private static async Task<JsonElement> UpdateAsync(SocketClient socket, string taskId)
    {
        while (true)
        {
            var update = await socket.NextAsync("task_update");
            if (update.GetProperty("payload").Text("task_id") == taskId)
            {
                return update;
            }
        }
    }
}
