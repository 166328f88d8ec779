using System.Globalization;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Events;
using Koubou.Gateway.Sockets;

namespace Koubou.Gateway.Rest.Native;

/// <summary>The log of changes as server-sent events, the same messages as on the WebSocket.</summary>
internal sealed class ChangeStream(EventFeed feed, TimeProvider time, IHostApplicationLifetime lifetime)
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
            var greeted = false;
            await foreach (var batch in feed.ReadAsync(wanted, until.Token))
            {
                if (!greeted)
                {
                    greeted = true;
                    await events.WriteAsync(
                        "connected",
                        Id(batch.LastSequence),
                        new HelloPayload(batch.LastSequence),
                        RestJson.Relaxed.HelloPayload);
                }

                if (batch.Gap)
                {
                    await events.WriteAsync("gap", null, GapPayload.Lost, RestJson.Relaxed.GapPayload);
                }

                foreach (var change in batch.Events)
                {
                    await events.WriteAsync(
                        "task_update", Id(change.Sequence), TaskUpdatePayload.Of(change), RestJson.Relaxed.TaskUpdatePayload);
                }
            }
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // The client left, or comes back with Last-Event-ID to another gateway.
        }
    }

    private static string Id(long sequence) => sequence.ToString(CultureInfo.InvariantCulture);
}
