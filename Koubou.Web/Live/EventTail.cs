using System.Collections;
using System.Collections.Immutable;
using Koubou.Contracts;

namespace Koubou.Web.Live;

/// <summary>The newest events, bounded, the newest first.</summary>
public sealed class EventTail : IReadOnlyCollection<TaskEvent>
{
    private readonly ImmutableArray<TaskEvent> _events;

    private EventTail(ImmutableArray<TaskEvent> events) => _events = events;

    public static EventTail Empty { get; } = new([]);

    public int Count => _events.Length;

    /// <summary>The tail after later events, which come in the order of the log.</summary>
    public EventTail With(IReadOnlyCollection<TaskEvent> later, int max) => later.Count == 0
        ? this
        : new EventTail([.. later.Reverse().Concat(_events).Take(max)]);

    public IEnumerator<TaskEvent> GetEnumerator() => ((IEnumerable<TaskEvent>)_events).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
