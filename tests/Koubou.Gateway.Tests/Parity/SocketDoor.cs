using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Sockets;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Parity;

/// <summary>Submits and cancels by messages; what it shows of a task are its updates, so reading goes by REST beside it.</summary>
internal sealed class SocketDoor(SocketClient socket, IDoor beside) : IDoor
{
    public string Name => "WebSocket";

    public async Task<Said> SubmitAsync(IReadOnlyDictionary<string, object> task)
    {
        var said = await AskAsync("submit_task", task, "task_submitted");
        return said.Id is { } id ? said with { State = (await beside.ReadAsync(id)).State } : said;
    }

    public Task<Said> ReadAsync(string id) => beside.ReadAsync(id);

    public async Task<Said> WaitAsync(string id)
    {
        while (true)
        {
            var update = await socket.UpdateOfAsync(id);
            if (TaskStates.TryParse(update.Text("state"), out var state) && state.IsFinal())
            {
                return await beside.ReadAsync(id);
            }
        }
    }

    public async Task<Said> CancelAsync(string id)
    {
        var said = await AskAsync("cancel_task", new { task_id = id }, "task_cancelled");
        return said.Refusal is null ? said with { State = (await beside.ReadAsync(id)).State } : said;
    }

    public Task<Said> RetryAsync(string id) => beside.RetryAsync(id);

    public async ValueTask DisposeAsync()
    {
        await socket.DisposeAsync();
        await beside.DisposeAsync();
    }

    private async Task<Said> AskAsync(string type, object payload, string answerType)
    {
        await socket.SendAsync(JsonSerializer.Serialize(new { type, payload }));
        var answer = await socket.NextAsync(answerType, "error");
        var body = answer.GetProperty("payload");
        return answer.Text("type") == "error"
            ? Said.Refused(
                body.Text("type"),
                body.TryGetProperty("errors", out var errors) ? errors.EnumerateObject().Select(fault => fault.Name) : [])
            : new Said(body.Text("task_id"));
    }
}
