using System.Collections.Immutable;
using Koubou.Contracts;

namespace Koubou.Web.Live;

/// <summary>The newest events, bounded.</summary>
/// <param name="Events">The newest first.</param>
public sealed record EventTail(ImmutableArray<TaskEvent> Events)
{
    public static EventTail Empty { get; } = new([]);

    /// <summary>The tail after later events, which come in the order of the log.</summary>
    public EventTail With(IReadOnlyCollection<TaskEvent> later, int max) => later.Count == 0
        ? this
        : new EventTail([.. later.Reverse().Concat(Events).Take(max)]);
}
