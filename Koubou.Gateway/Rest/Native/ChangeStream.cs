using System.Globalization;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Events;

namespace Koubou.Gateway.Rest.Native;

/// <summary>The log of changes as server-sent events, the same messages as on the WebSocket.</summary>
internal sealed class ChangeStream(
    ChangeWatch changes, Snapshots snapshots, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Follows until the client leaves or the gateway stops.</summary>
    public async Task RunAsync(HttpContext context)
    {
        var faults = new FaultList();
        var wanted = WatchWish.Read(context.Request, faults);
        if (faults.Any)
        {
            await Problems.InvalidRequest(faults).WriteAsync(context);
            return;
        }

        using var until = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping);
        await using var events = await EventStream.BeginAsync(context, time);
        try
        {
            await foreach (var note in changes.ReadAsync(wanted, until.Token))
            {
                await WriteAsync(events, note, wanted, until.Token);
            }
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // The client left, or comes back with Last-Event-ID to another gateway.
        }
    }

    private async Task WriteAsync(EventStream events, WatchNote note, WatchEventsRequest wanted, CancellationToken until)
    {
        var id = note.Sequence.ToString(CultureInfo.InvariantCulture);
        if (note.Change is { } change)
        {
            await events.WriteAsync("task_update", id, TaskUpdatePayload.Of(change), RestJson.Relaxed.TaskUpdatePayload);
        }
        else if (note.Missed is { } missed)
        {
            var gap = await snapshots.DescribeAsync(missed, wanted, until);
            await events.WriteAsync("gap", id, gap, RestJson.Relaxed.GapPayload);
        }
        else
        {
            await events.WriteAsync("connected", id, new HelloPayload(note.Sequence), RestJson.Relaxed.HelloPayload);
        }
    }
}
