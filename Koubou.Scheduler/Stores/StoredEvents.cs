using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Stores;

/// <summary>
/// The events of one step or commit as they are kept: a serialised <see cref="EventBatch"/> whose events follow each other
/// by number.
/// </summary>
internal static class StoredEvents
{
    private static readonly uint EventTag = WireFormat.MakeTag(EventBatch.EventsFieldNumber, WireFormat.WireType.LengthDelimited);

    /// <summary>
    /// Adds the events from a number on until the list has as many as wanted. The others are passed over unread: a reader
    /// that takes a large step in many pages would else read it anew for each.
    /// </summary>
    /// <param name="events">The list.</param>
    /// <param name="body">The step.</param>
    /// <param name="from">The first number that is wanted.</param>
    /// <param name="max">How many the list may have then.</param>
    /// <param name="step">The number of the first event and when it was, where the events do not say so themselves.</param>
    public static void AddTo(
        List<TaskEvent> events, byte[] body, long from, int max, (long First, Timestamp At)? step = null)
    {
        using var input = new CodedInputStream(body);
        var first = step?.First;
        for (var index = 0; events.Count < max && input.ReadTag() is var tag and not 0;)
        {
            if (tag != EventTag || first + index < from)
            {
                index += tag == EventTag ? 1 : 0;
                input.SkipLastField();
                continue;
            }

            var change = new TaskEvent();
            input.ReadMessage(change);
            if (step is { } told)
            {
                (change.Sequence, change.At) = (told.First + index, told.At);
            }

            first ??= change.Sequence;
            index++;
            if (change.Sequence >= from)
            {
                events.Add(change);
            }
        }
    }
}
