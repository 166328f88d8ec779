using System.Collections.Immutable;
using Koubou.Contracts;
using Microsoft.Extensions.Options;

namespace Koubou.Web.Live;

/// <summary>
/// The live model: one for the whole process, however many pages are open. Loops write it, pages read
/// <see cref="Current"/> and are told, at most a few times a second, that it changed.
/// </summary>
public sealed class Workshop
{
    private readonly TimeProvider _clock;
    private readonly LiveOptions _options;
    private readonly Lock _gate = new();
    private volatile WorkshopSnapshot _current;
    private ImmutableArray<Action> _watchers = [];
    private TaskCompletionSource _nextReading = NewReading();
    private TaskCompletionSource _nextCounting = NewReading();
    private DateTimeOffset _readAt;
    private DateTimeOffset _countedAt;
    private bool _listWanted = true;

    public Workshop(TimeProvider clock, IOptions<LiveOptions> options)
    {
        _clock = clock;
        _options = options.Value;
        _current = new WorkshopSnapshot
        {
            Link = new SchedulerLink(LinkState.Connecting, clock.GetUtcNow()),
            Newest = TaskWindow.Empty(_options.NewestMax),
        };
    }

    public WorkshopSnapshot Current => _current;

    /// <summary>Whether any page is open.</summary>
    internal bool IsWatched => !_watchers.IsEmpty;

    /// <summary>Set when pages should be told.</summary>
    internal Signal Changed { get; } = new();

    /// <summary>Set when status, workers or prompts should be read anew.</summary>
    internal Signal ReadWanted { get; } = new();

    /// <summary>Set when someone begins to watch.</summary>
    internal Signal FiguresWanted { get; } = new();

    /// <summary>Whether the newest tasks must be listed, because events alone do not tell them.</summary>
    internal bool IsListWanted => _listWanted || _current.Newest.HasUnread;

    /// <summary>Calls back after each change, never on the caller's thread, until disposed.</summary>
    public IDisposable Watch(Action onChange)
    {
        var isFirst = false;
        lock (_gate)
        {
            // Nobody looked, so nothing was read: figures of an hour ago are no figures of now. Those of a moment ago are:
            // between a page as it is sent and the same page alive, nobody looks either.
            isFirst = _watchers.IsEmpty;
            if (isFirst && _clock.GetUtcNow() - _countedAt > 2 * _options.FiguresInterval)
            {
                _current = _current with { Figures = WorkshopFigures.Unread };
            }

            _watchers = _watchers.Add(onChange);
        }

        ReadWanted.Set();
        if (isFirst)
        {
            FiguresWanted.Set();
        }

        return new Watcher(this, onChange);
    }

    /// <summary>
    /// Waits until status, workers and notices are as new as when someone watches, so that a page opens with what holds
    /// and does not jump a moment later; at most <paramref name="longest"/>.
    /// </summary>
    public async Task FreshenAsync(TimeSpan longest)
    {
        Task reading, counting;
        lock (_gate)
        {
            if (_current.Link.State != LinkState.Live)
            {
                return;
            }

            reading = _clock.GetUtcNow() - _readAt < _options.ReadIntervalMax ? Task.CompletedTask : _nextReading.Task;
            counting = _current.Figures.Findings is null ? _nextCounting.Task : Task.CompletedTask;
        }

        ReadWanted.Set();
        await Task.WhenAny(Task.WhenAll(reading, counting), Task.Delay(longest, _clock));
    }

    /// <summary>Has status and workers read now: someone changed what no event tells.</summary>
    public void ReadSoon() => ReadWanted.Set();

    internal void Linked(LinkState state)
    {
        lock (_gate)
        {
            if (_current.Link.State == state)
            {
                return;
            }

            _current = _current with { Link = new SchedulerLink(state, _clock.GetUtcNow()) };
            _listWanted |= state == LinkState.Live;
        }

        Changed.Set();
        ReadWanted.Set();
        FiguresWanted.Set();
    }

    internal void Apply(EventBatch batch)
    {
        lock (_gate)
        {
            var newest = _current.Newest;
            var events = _current.Events;
            if (batch.LastSequence < _current.LastSequence)
            {
                // The numbers went back: another database stands behind the scheduler now.
                newest = TaskWindow.Empty(_options.NewestMax);
                events = EventTail.Empty;
                _listWanted = true;
            }

            foreach (var change in batch.Events)
            {
                newest = newest.With(change);
                _listWanted |= change.Kind == EventKind.Deleted;
            }

            _listWanted |= batch.Gap;
            _current = _current with
            {
                Newest = newest,
                Events = events.With(batch.Events, _options.EventsMax),
                LastSequence = batch.LastSequence,
            };
        }

        Changed.Set();
        if (IsWatched)
        {
            ReadWanted.Set();
        }
    }

    internal void Listed(IReadOnlyCollection<TaskRecord> newest, long readFrom)
    {
        lock (_gate)
        {
            _current = _current with { Newest = _current.Newest.With(newest, readFrom) };
            _listWanted = false;
        }

        Changed.Set();
    }

    internal void Read(WorkshopStatus status, IReadOnlyCollection<WorkerNode> nodes, IEnumerable<TaskRecord> running)
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            var known = running.ToDictionary(task => task.Id, TaskSummary.From, StringComparer.Ordinal);
            var held = nodes.SelectMany(node => node.Running)
                .Select(work => known.GetValueOrDefault(work.TaskId) ?? _current.Find(work.TaskId))
                .OfType<TaskSummary>()
                .DistinctBy(task => task.Id, StringComparer.Ordinal);
            _current = _current with
            {
                Status = status,
                Nodes = [.. nodes.OrderBy(node => node.Id, StringComparer.Ordinal)],
                Running = held.ToImmutableDictionary(task => task.Id, StringComparer.Ordinal),
            };
            _readAt = _clock.GetUtcNow();
            done = _nextReading;
            _nextReading = NewReading();
        }

        done.TrySetResult();
        Changed.Set();
    }

    internal void Counted(WorkshopFigures figures)
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            _current = _current with { Figures = figures };
            _countedAt = _clock.GetUtcNow();
            done = _nextCounting;
            _nextCounting = NewReading();
        }

        done.TrySetResult();
        Changed.Set();
    }

    internal void Announce()
    {
        foreach (var watcher in _watchers)
        {
            watcher();
        }
    }

    private static TaskCompletionSource NewReading() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Watcher(Workshop workshop, Action onChange) : IDisposable
    {
        public void Dispose()
        {
            lock (workshop._gate)
            {
                workshop._watchers = workshop._watchers.Remove(onChange);
            }
        }
    }
}
