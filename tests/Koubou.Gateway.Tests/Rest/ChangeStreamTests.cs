using System.Net;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Rest;

public sealed class ChangeStreamTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Stream_ResumedWithLastEventId_GoesOnBehindIt()
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await using var node = await workshop.JoinAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), "x", simulated: true);
        await workshop.HappenedAsync(id, EventKind.Succeeded);

        var all = await ReadAsync($"/api/v1/events?from=1&type={type}", null, 4);
        var rest = await ReadAsync($"/api/v1/events?task_id={id}", all[2].Id, 2);

        Assert.Equal(["connected", "task_update", "task_update", "task_update"], all.Select(one => one.Name));
        Assert.Equal(["submitted", "started", "succeeded"], all.Skip(1).Select(one => one.Data.Text("event")));
        Assert.Equal(all[3].Id, rest[1].Id);
        Assert.True(rest[1].Data.GetProperty("simulated").GetBoolean());
    }

    [Fact]
    public async Task Stream_OfABatch_HearsOfNoOthers()
    {
        var batch = Guid.NewGuid().ToString();
        await workshop.Http.DelegateAsync(workshop.NewType());
        var mine = await workshop.Http.PostAsync("/api/v1/tasks", $$"""{"prompt":"a","batch_id":"{{batch}}"}""");

        var events = await ReadAsync($"/api/v1/events?from=1&batch_id={batch}", null, 2);

        Assert.Equal(mine["id"].GetString(), events[1].Data.Text("task_id"));
    }

    [Theory]
    [InlineData("?from=0", "from")]
    [InlineData("?from=x", "from")]
    [InlineData("?from=9223372036854775807", "from")]
    [InlineData("?tipe=code", "tipe")]
    public async Task Stream_BadWish_NamesTheField(string query, string field)
    {
        var answer = await workshop.Http.ReadAsync("/api/v1/events" + query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.FaultFields);
    }

    private async Task<List<(string Name, string? Id, JsonElement Data)>> ReadAsync(string path, string? lastId, int count)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        using var answer = await workshop.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var events = new List<(string, string?, JsonElement)>();
        var (name, id) = ("", (string?)null);
        while (events.Count < count && await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                (name, id) = (line["event: ".Length..], null);
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line["id: ".Length..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                events.Add((name, id, JsonElement.Parse(line["data: ".Length..])));
            }
        }

        return events;
    }
}
