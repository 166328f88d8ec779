using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Rest;

public sealed class OutputStreamTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Stream_WhileTheAnswerIsWritten_SendsPiecesThenTheRecord()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        var work = await node.TakeAsync();
        await using var events = await OpenAsync($"/api/v1/tasks/{id}/output/stream");

        await node.SayAsync(work, new OutputChunk { Offset = 0, Text = "Hel\nlo " });
        var first = await events.NextAsync("chunk");
        await node.SayAsync(work, "thinking");
        var progress = await events.NextAsync("progress");
        await node.SayAsync(work, new OutputChunk { Offset = 7, Text = "工房" });
        var second = await events.NextAsync("chunk");
        await node.CompleteAsync(work, "Hel\nlo 工房");
        var done = await events.NextAsync("done");

        Assert.Equal(("Hel\nlo ", "1:7"), (first.Data.Text("text"), first.Id));
        Assert.Equal("thinking", progress.Data.Text("progress"));
        Assert.Equal(7, second.Data.GetProperty("offset").GetInt64());
        Assert.Equal(("工房", "1:9"), (second.Data.Text("text"), second.Id));
        Assert.Equal(("succeeded", id), (done.Data.Text("state"), done.Data.Text("id")));
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task Stream_ResumedByOffsetOrLastEventId_SendsOnlyTheRest()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "0123456789");
        await workshop.HappenedAsync(id, EventKind.Succeeded);

        await using var byOffset = await OpenAsync($"/api/v1/tasks/{id}/output/stream?offset=4");
        await using var byHeader = await OpenAsync($"/api/v1/tasks/{id}/output/stream?offset=4", ("Last-Event-ID", "7"));

        Assert.Equal("456789", (await byOffset.NextAsync("chunk")).Data.Text("text"));
        Assert.Equal("789", (await byHeader.NextAsync("chunk")).Data.Text("text"));
    }

    [Fact]
    public async Task Stream_ResumedAfterANewAttemptBegan_StartsAnew()
    {
        var type = workshop.NewType();
        var id = await DelegateTwiceAsync(type);
        await using (var lost = await workshop.JoinAsync(type))
        {
            await lost.SayAsync(await lost.TakeAsync(), new OutputChunk { Offset = 0, Text = "first try" });
            await using var events = await OpenAsync($"/api/v1/tasks/{id}/output/stream");
            Assert.Equal("1:9", (await events.NextAsync("chunk")).Id);
        }

        await using var node = await workshop.JoinAsync(type);
        var work = await node.TakeAsync();
        await node.SayAsync(work, new OutputChunk { Offset = 0, Text = "second, longer" });
        await using var resumed = await OpenAsync($"/api/v1/tasks/{id}/output/stream", ("Last-Event-ID", "1:9"));
        var reset = await resumed.NextAsync("reset");
        var chunk = await resumed.NextAsync("chunk");

        Assert.Equal((2, "2:0"), (reset.Data.GetProperty("attempt").GetInt32(), reset.Id));
        Assert.Equal(("second, longer", 0, 2), (
            chunk.Data.Text("text"), chunk.Data.GetProperty("offset").GetInt64(), chunk.Data.GetProperty("attempt").GetInt32()));
    }

    [Fact]
    public async Task Stream_WhoseLastAttemptWasNeverSeen_TakesBackThePreviewOfTheOneBefore()
    {
        var type = workshop.NewType();
        var id = await DelegateTwiceAsync(type);
        await using var events = await OpenAsync($"/api/v1/tasks/{id}/output/stream");
        await using (var lost = await workshop.JoinAsync(type))
        {
            await lost.SayAsync(await lost.TakeAsync(), new OutputChunk { Offset = 0, Text = "first try" });
            await events.NextAsync("chunk");
        }

        await using var node = await workshop.JoinAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "second, and longer than the first");
        var reset = await events.NextAsync("reset");
        var chunk = await events.NextAsync("chunk");
        await events.NextAsync("done");

        Assert.Equal(2, reset.Data.GetProperty("attempt").GetInt32());
        Assert.Equal("second, and longer than the first", chunk.Data.Text("text"));
    }

    [Fact]
    public async Task Stream_AskedForAfterItsEnd_TellsTheBrowserToStop()
    {
        var id = await workshop.Http.DelegateAsync(workshop.NewType());

        var answer = await workshop.Http.ReadAsync($"/api/v1/tasks/{id}/output/stream", ("Last-Event-ID", "done"));

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("99999999999999999999")]
    [InlineData("2:")]
    [InlineData(":7")]
    [InlineData("99999999999:7")]
    public async Task Stream_BadOffset_IsAFault(string offset)
    {
        var id = await workshop.Http.DelegateAsync(workshop.NewType());

        var answer = await workshop.Http.ReadAsync($"/api/v1/tasks/{id}/output/stream?offset={offset}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["offset"], answer.FaultFields);
    }

    private async Task<string> DelegateTwiceAsync(string type) => (await workshop.Http.PostAsync(
        "/api/v1/tasks", $$"""{"type":"{{type}}","prompt":"a","attempts_max":2}"""))["id"].GetString()!;

    private async Task<EventReader> OpenAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await workshop.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new EventReader(response, SseParser.Create(await response.Content.ReadAsStreamAsync()));
    }

    private sealed class EventReader(HttpResponseMessage response, SseParser<string> parser) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> _items = parser.EnumerateAsync().GetAsyncEnumerator();

        public ValueTask<bool> MoveNextAsync() => _items.MoveNextAsync();

        public async Task<(string Id, JsonElement Data)> NextAsync(string name)
        {
            Assert.True(await _items.MoveNextAsync());
            Assert.Equal(name, _items.Current.EventType);
            return (parser.LastEventId, JsonElement.Parse(_items.Current.Data));
        }

        public async ValueTask DisposeAsync()
        {
            response.Dispose();
            await _items.DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
