using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Sockets;

public sealed class SocketTests(WorkshopFixture workshop)
{
    [Theory]
    [InlineData(8766)]
    [InlineData(8765)]
    public async Task Socket_AtEitherAddress_GetsOneMessageForEachUpdate(int v21Port)
    {
        var type = workshop.NewType();
        await using var socket = await SocketClient.ConnectAsync(v21Port == 8766
            ? workshop.Gateway.WebSocket
            : new Uri(workshop.Gateway.Main, "/ws"));

        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "x", simulated: true);
        var pending = await socket.UpdateOfAsync(id);
        var started = await socket.UpdateOfAsync(id);
        var done = await socket.UpdateOfAsync(id);

        Assert.Equal(("pending", "submitted"), (pending.Text("status"), pending.Text("event")));
        Assert.Equal(("in_progress", node.Id), (started.Text("status"), started.Text("node")));
        Assert.Equal(("completed", type), (done.Text("status"), done.Text("type")));
        Assert.True(done.GetProperty("simulated").GetBoolean());
    }

    [Fact]
    public async Task SubmitTask_GoodPayload_IsAnsweredWithTheRequestId()
    {
        var type = workshop.NewType();
        await using var socket = await SocketClient.ConnectAsync(workshop.Gateway.WebSocket);

        await socket.SendAsync(
            $$$"""{"type":"submit_task","request_id":"r-1","payload":{"type":"{{{type}}}","prompt":"Generate unit tests"}}""");
        var answer = await socket.NextAsync("task_submitted");
        var status = await workshop.Http.ReadAsync(answer.GetProperty("payload").Text("status_url"));

        Assert.Equal("r-1", answer.Text("request_id"));
        Assert.Equal(type, status["type"].GetString());
    }

    [Theory]
    [InlineData("nonsense", "message")]
    [InlineData("[]", "message")]
    [InlineData("{}", "type")]
    [InlineData("""{"type":"submit_tasks"}""", "type")]
    [InlineData("""{"\ud83dtype":"ping"}""", "message")]
    [InlineData("""{"type":"submit_task","payload":{"prompt":"a","\udc00":1}}""", "message")]
    [InlineData("""{"type":"submit_task"}""", "payload")]
    [InlineData("""{"type":"submit_task","payload":7}""", "body")]
    [InlineData("""{"type":"submit_task","payload":{"prompt":"","priority":"high"}}""", "prompt")]
    public async Task BadMessage_IsAnsweredAndTheSocketLives(string message, string field)
    {
        await using var socket = await SocketClient.ConnectAsync(workshop.Gateway.WebSocket);

        await socket.SendAsync(message);
        var error = await socket.NextAsync("error");
        await socket.SendAsync("""{"type":"ping","request_id":7}""");
        var pong = await socket.NextAsync("pong");

        Assert.True(error.GetProperty("payload").GetProperty("errors").TryGetProperty(field, out _));
        Assert.Equal(7, pong.GetProperty("request_id").GetInt32());
    }

    [Fact]
    public async Task Message_OverTheLimit_ClosesWithTheReason()
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:Limits:TaskBodyBytesMax", "2048"));
        await using var socket = await SocketClient.ConnectAsync(gateway.WebSocket);

        await socket.SendAsync(new string('x', 5_000));

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await socket.ClosedAsync());
    }

    [Fact]
    public async Task Gateway_Stops_SocketIsToldSo()
    {
        var gateway = workshop.StartGateway();
        await using var socket = await SocketClient.ConnectAsync(gateway.WebSocket);

        var stopping = gateway.DisposeAsync();

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await socket.ClosedAsync());
        await stopping;
    }

    [Fact]
    public async Task PlainRequest_AtTheSocketsAddress_SaysHowToConnect()
    {
        using var http = new HttpClient();

        var answer = await (await http.GetAsync(workshop.Gateway.WebSocket)).ReadAsync();

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.Status);
        Assert.Contains("ws://", answer["hint"].GetString());
    }

    [Fact]
    public async Task SlowReader_WhileOthersWorkOn_GetsEveryUpdateLater()
    {
        var type = workshop.NewType();
        await using var slow = await SocketClient.ConnectAsync(workshop.Gateway.WebSocket);
        var tasks = string.Join(",", Enumerable.Repeat($$"""{"type":"{{type}}","prompt":"a"}""", 1_000));
        for (var i = 0; i < 10; i++)
        {
            await workshop.Http.PostAsync("/api/v1/tasks/batch", $$"""{"tasks":[{{tasks}}]}""");
        }

        var seen = 0;
        while (seen < 10_000)
        {
            seen += (await slow.NextAsync("task_update")).GetProperty("payload").Text("type") == type ? 1 : 0;
        }

        Assert.Equal(10_000, seen);
    }
}
