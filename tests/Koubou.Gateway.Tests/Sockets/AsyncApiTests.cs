using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Tests.GraphQL;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Sockets;

/// <summary>docs/asyncapi.yaml is valid by the official schema, and every message really sent is valid by it.</summary>
public sealed class AsyncApiTests(WorkshopFixture workshop)
{
    private static readonly string Document = Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/asyncapi.yaml");

    [Fact]
    public async Task Document_IsValid_AndSoIsEveryMessageByIt()
    {
        var messages = new List<string>();
        await HearSocketAsync(messages);
        await HearSnapshotAsync(messages);
        await HearEventStreamAsync(messages);
        var path = Path.GetTempFileName();
        await File.WriteAllLinesAsync(path, messages);

        var verdicts = await NodeProgram.RunAsync("asyncapi.mjs", Document, path);

        File.Delete(path);
        Assert.Empty(verdicts.Where(verdict => !verdict.GetProperty("ok").GetBoolean()).Select(verdict => verdict.GetRawText()));
        Assert.Equal(
            verdicts[0].GetProperty("messages").EnumerateArray().Select(name => name.GetString()).Order(),
            verdicts.Skip(1).Select(verdict => verdict.GetProperty("type").GetString()).Distinct().Order());
    }

    [Fact]
    public async Task Document_NamesEveryFieldOfATask()
    {
        var text = await File.ReadAllTextAsync(Document);

        var section = text[text.IndexOf("    submit_task:\n      name:", StringComparison.Ordinal)..text.IndexOf("    subscribe:\n      name:", StringComparison.Ordinal)];
        Assert.All(TaskFields.Names, name => Assert.Contains($"\n              {name}: ", section));
    }

    // What both sides say in the life of a few tasks.
    private async Task HearSocketAsync(List<string> messages)
    {
        var type = workshop.NewType();
        await using var socket = await SocketClient.ConnectAsync(new Uri(workshop.Gateway.Main, $"/ws?type={type}"), messages);
        await using var node = await workshop.JoinAsync(type);
        async Task SayAsync(string message)
        {
            messages.Add(message);
            await socket.SendAsync(message);
        }

        await SayAsync($$$"""{"type":"submit_task","request_id":[1],"payload":{"type":"{{{type}}}","prompt":"a","priority":8,"labels":{"a":"b"},"deadline":"2090-01-01T00:00:00Z","batch_id":"b"}}""");
        await socket.NextAsync("task_submitted");
        await node.CompleteAsync(await node.TakeAsync(), "done", simulated: true);
        await SayAsync($$$"""{"type":"submit_task","payload":{"type":"{{{type}}}","prompt":"a"}}""");
        await node.FailAsync(await node.TakeAsync(), "broken", "It broke.");
        var cancelled = await workshop.Http.DelegateAsync(type);
        await SayAsync($$$"""{"type":"cancel_task","request_id":"c","payload":{"task_id":"{{{cancelled}}}"}}""");
        await socket.NextAsync("task_cancelled");
        await SayAsync($$$"""{"type":"cancel_task","payload":{"task_id":"{{{cancelled}}}"}}""");
        await socket.NextAsync("error");
        await socket.SendAsync("""{"type":"nonsense"}""");
        await socket.NextAsync("error");
        await SayAsync("""{"type":"ping","request_id":null}""");
        await socket.NextAsync("pong");
        await SayAsync($$$"""{"type":"subscribe","request_id":{"a":1},"payload":{"from":1,"types":["{{{type}}}"],"task_ids":[],"batch_id":""}}""");
        await socket.NextAsync("subscribed");
        JsonElement update;
        do
        {
            update = await socket.UpdateOfAsync(cancelled);
        }
        while (update.Text("event") != "cancelled");
    }

    private async Task HearSnapshotAsync(List<string> messages)
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:Limits:SlowReaderAfter", "00:00:00.0000001"));
        var type = workshop.NewType();
        await using var socket = await SocketClient.ConnectAsync(new Uri(gateway.Main, $"/ws?type={type}"), messages);
        var tasks = string.Join(',', Enumerable.Repeat($$"""{"type":"{{type}}","prompt":"a"}""", 5));
        await workshop.Http.PostAsync("/api/v1/tasks/batch", $$"""{"tasks":[{{tasks}}]}""");
        await socket.NextAsync("gap");
    }

    // The same messages in another coat: the event's name is the type, its id the number.
    private async Task HearEventStreamAsync(List<string> messages)
    {
        var type = workshop.NewType();
        var id = await workshop.Http.DelegateAsync(type);
        await workshop.HappenedAsync(id, EventKind.Submitted);
        using var answer = await workshop.Http.GetAsync($"/api/v1/events?from=1&type={type}", HttpCompletionOption.ResponseHeadersRead);
        var parser = SseParser.Create(await answer.Content.ReadAsStreamAsync());
        await foreach (var item in parser.EnumerateAsync())
        {
            var sequence = item.EventType == "connected" ? "" : $"\"sequence\":{parser.LastEventId},";
            messages.Add($$"""{"type":"{{item.EventType}}",{{sequence}}"payload":{{item.Data}}}""");
            if (item.EventType == "task_update")
            {
                return;
            }
        }
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
