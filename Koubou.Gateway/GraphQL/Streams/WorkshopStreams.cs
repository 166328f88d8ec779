using System.Runtime.CompilerServices;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Events;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Scheduling;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.GraphQL.Streams;

/// <summary>What subscriptions send, as sequences that are read only as fast as their client reads.</summary>
internal sealed class WorkshopStreams(
    ChangeWatch changes,
    EventFeed feed,
    TaskQueue.TaskQueueClient scheduler,
    CallLimits limits,
    TimeProvider time,
    IOptions<GraphQlOptions> options)
{
    public async IAsyncEnumerable<EventNote> EventsAsync(
        WatchEventsRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var note in changes.ReadAsync(request, cancellationToken))
        {
            yield return new EventNote(
                note.Sequence,
                note.Missed is not null,
                note.Missed,
                note.Change is { } change ? TaskUpdatePayload.Of(change) : null);
        }
    }

    public async IAsyncEnumerable<OutputNote> OutputAsync(
        WatchOutputRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = scheduler.WatchOutput(request, cancellationToken: cancellationToken);
        await foreach (var update in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (Note(update) is { } note)
            {
                yield return note;
            }
        }
    }

    /// <summary>The status now, and again after changes, at most once in each interval.</summary>
    public async IAsyncEnumerable<StatusView> StatusAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = -1L;
        await foreach (var batch in feed.ReadAsync(new WatchEventsRequest(), cancellationToken))
        {
            // One reading covers every change up to its own number; those batches need none of their own.
            if (batch.LastSequence <= seen && !batch.Gap)
            {
                continue;
            }

            var status = await scheduler.GetStatusAsync(new StatusRequest(), limits.Brief(cancellationToken));
            seen = status.LastSequence;
            yield return StatusView.Of(status);
            await Task.Delay(options.Value.StatusInterval, time, cancellationToken);
        }
    }

    private static OutputNote? Note(OutputUpdate update) => update.BodyCase switch
    {
        OutputUpdate.BodyOneofCase.Chunk => new OutputNote(
            "chunk",
            update.Chunk.Offset,
            update.Chunk.Offset + update.Chunk.Text.Length,
            update.Chunk.Text,
            update.Chunk.Attempt,
            null),
        OutputUpdate.BodyOneofCase.Progress => new OutputNote("progress", null, null, update.Progress, null, null),
        OutputUpdate.BodyOneofCase.Reset => new OutputNote("reset", 0, 0, null, update.Reset.Attempt, null),
        OutputUpdate.BodyOneofCase.Final => new OutputNote(
            "done", null, null, null, null, TaskView.Of(update.Final, includeOutput: false)),
        _ => null,
    };
}
