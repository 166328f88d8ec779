using Google.Protobuf;
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
    public static void AddTo(List<TaskEvent> events, byte[] body, long from, int max)
    {
        using var input = new CodedInputStream(body);
        TaskEvent? first = null;
        for (var index = 0; events.Count < max && input.ReadTag() is var tag and not 0;)
        {
            if (tag != EventTag || (first is not null && first.Sequence + index < from))
            {
                index += tag == EventTag ? 1 : 0;
                input.SkipLastField();
                continue;
            }

            var change = new TaskEvent();
            input.ReadMessage(change);
            first ??= change;
            index++;
            if (change.Sequence >= from)
            {
                events.Add(change);
            }
        }
    }
}
