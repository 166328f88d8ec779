using Koubou.Contracts;

namespace Koubou.Scheduler.Stores;

/// <summary>The one log of changes. Sequence numbers rise by one.</summary>
public interface IEventLog
{
    /// <summary>The newest number; 0 before the first event.</summary>
    long LastSequence { get; }

    /// <summary>
    /// Up to <paramref name="max"/> events from a number on, in order; empty when there are none yet.
    /// </summary>
    ValueTask<EventPage> ReadAsync(long fromSequence, int max, CancellationToken cancellation);

    /// <summary>Completes when there is an event with a number above <paramref name="sequence"/>.</summary>
    Task WaitBeyondAsync(long sequence, CancellationToken cancellation);
}

/// <summary>Some events of the log.</summary>
/// <param name="Events">In order of their numbers.</param>
/// <param name="Gap">Older ones than the first were asked for, and are no longer kept.</param>
public readonly record struct EventPage(IReadOnlyList<TaskEvent> Events, bool Gap);
