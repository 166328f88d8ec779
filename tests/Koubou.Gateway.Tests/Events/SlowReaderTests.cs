using System.Net.ServerSentEvents;
using System.Net.WebSockets;
using System.Text.Json;
using Koubou.Gateway.Sockets;
using Koubou.Gateway.Tests.Sockets;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Gateway.Tests.Events;

/// <summary>What a slow reader is told at each door; here nobody is fast enough.</summary>
public sealed class SlowReaderTests(WorkshopFixture workshop)
{
    private static readonly (string, string) NobodyIsFastEnough = ("Koubou:Gateway:Limits:SlowReaderAfter", "00:00:00.0000001");

    [Fact]
    public async Task Socket_TooSlow_GetsASnapshotInsteadOfWhatItMissed()
    {
        await using var gateway = workshop.StartGateway(NobodyIsFastEnough);
        var type = workshop.NewType();
        await using var socket = await SocketClient.ConnectAsync(new Uri(gateway.Main, $"/ws?type={type}"));

        var ids = await SubmitAsync(type, 5);
        var gap = await socket.NextAsync("gap");

        AssertSnapshot(gap.GetProperty("payload"), ids, type);
        Assert.Equal(gap.GetProperty("payload").GetProperty("missed_to").GetInt64(), gap.GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task Socket_WatchingTasksById_IsShownTheseHoweverTheyStand()
    {
        await using var gateway = workshop.StartGateway(NobodyIsFastEnough);
        var type = workshop.NewType();
        var ids = await SubmitAsync(type, 2);
        await using var socket = await SocketClient.ConnectAsync(new Uri(gateway.Main, $"/ws?task_id={ids[0]},{ids[1]},nothing"));

        await workshop.Http.PostAsync("/api/v1/tasks/cancel", JsonSerializer.Serialize(new { ids }));
        var gap = (await socket.NextAsync("gap")).GetProperty("payload");

        Assert.Equal(
            ids.Select(id => (id, "cancelled")).Order(),
            gap.GetProperty("tasks").EnumerateArray().Select(task => (task.Text("task_id"), task.Text("state"))).Order());
    }

    [Fact]
    public async Task EventStream_TooSlow_GetsTheSame()
    {
        await using var gateway = workshop.StartGateway(NobodyIsFastEnough);
        var type = workshop.NewType();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/events?type={type}");
        using var answer = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var events = SseParser.Create(await answer.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        await events.MoveNextAsync();

        var ids = await SubmitAsync(type, 5);
        do
        {
            Assert.True(await events.MoveNextAsync());
        }
        while (events.Current.EventType != "gap");

        AssertSnapshot(JsonElement.Parse(events.Current.Data), ids, type);
    }

    [Fact]
    public async Task Message_ThatNeverLeaves_BreaksTheSocketOff()
    {
        var clock = new FakeTimeProvider();
        using var stuck = new StuckSocket();
        using var channel = new SocketChannel(stuck, 1024, TimeSpan.FromMinutes(1), clock);

        var sending = channel.SendAsync("{}"u8.ToArray(), CancellationToken.None);
        await stuck.Asked;
        clock.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<WebSocketException>(() => sending);
        Assert.Equal(WebSocketState.Aborted, stuck.State);
    }

    private static void AssertSnapshot(JsonElement gap, string[] ids, string type)
    {
        var tasks = gap.GetProperty("tasks").EnumerateArray().ToList();
        Assert.Equal("slow_reader", gap.Text("reason"));
        Assert.True(gap.GetProperty("missed_from").GetInt64() <= gap.GetProperty("missed_to").GetInt64());
        Assert.Equal(ids.Order(), tasks.Select(task => task.Text("task_id")).Order());
        Assert.All(tasks, task => Assert.Equal((type, "queued", "pending"), (task.Text("type"), task.Text("state"), task.Text("status"))));
        Assert.True(gap.GetProperty("tasks_complete").GetBoolean());
        Assert.Contains($"watch anew from {gap.GetProperty("missed_from")}", gap.Text("hint"));
    }

    private async Task<string[]> SubmitAsync(string type, int count)
    {
        var tasks = string.Join(',', Enumerable.Repeat($$"""{"type":"{{type}}","prompt":"a"}""", count));
        var answer = await workshop.Http.PostAsync("/api/v1/tasks/batch", $$"""{"tasks":[{{tasks}}]}""");
        return [.. answer["tasks"].EnumerateArray().Select(task => task.Text("id"))];
    }

    /// <summary>Takes a message and never gets rid of it.</summary>
    private sealed class StuckSocket : WebSocket
    {
        private readonly TaskCompletionSource _asked = new();
        private readonly TaskCompletionSource _sent = new();
        private WebSocketState _state = WebSocketState.Open;

        public Task Asked => _asked.Task;

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => _state;

        public override string? SubProtocol => null;

        public override void Abort() => _state = WebSocketState.Aborted;

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public override void Dispose()
        {
        }

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override Task SendAsync(
            ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            return _sent.Task;
        }
    }
}
