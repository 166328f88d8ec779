using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Scheduling;
using Koubou.Gateway.Events;

namespace Koubou.Gateway.GraphQL.Streams;

/// <summary>Reads a page of the log of changes, as far as it reaches now.</summary>
internal sealed class EventReader(TaskQueue.TaskQueueClient scheduler, CallLimits limits)
{
    public async Task<IReadOnlyList<EventNote>> ReadAsync(
        WatchEventsRequest request, int count, CancellationToken cancellationToken)
    {
        var status = await scheduler.GetStatusAsync(new StatusRequest(), limits.Brief(cancellationToken));
        var notes = new List<EventNote>();
        if (request.FromSequence > status.LastSequence)
        {
            return notes;
        }

        using var call = scheduler.WatchEvents(request, limits.Brief(cancellationToken));
        await foreach (var batch in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (batch.Gap)
            {
                var missed = new Missed(request.FromSequence, batch.LastSequence, Missed.LogTooShort);
                notes.Add(new EventNote(batch.LastSequence, Gap: true, missed, null));
            }

            notes.AddRange(batch.Events.Select(
                change => new EventNote(change.Sequence, Gap: false, null, TaskUpdatePayload.Of(change))));
            if (notes.Count >= count || batch.LastSequence >= status.LastSequence)
            {
                break;
            }
        }

        return notes.Count > count ? notes[..count] : notes;
    }
}
