using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>
/// The shared log of changes, followed: the server tells each step's events, and whatever was missed is read from its
/// stream. The newest events are kept in memory.
/// </summary>
internal sealed class RedisEventLog(RedisConnection connection, int inMemory) : IEventLog, IDisposable
{
    // A step has one event, or some thousands: what is asked for at first is little in any case, and more when it was little.
    private const int StepsAtFirst = 8;
    private const int StepsMax = 512;
    private const int CatchUpMax = 16_384;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly TaskEvent[] _ring = new TaskEvent[inMemory];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _catchingUp = new(1);
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _firstInMemory = 1;
    private long _last;
    private long _known;

    public long LastSequence => Math.Max(Volatile.Read(ref _last), Volatile.Read(ref _known));

    private RedisKey Stream => connection.Root.Append("ev");

    /// <summary>Begins after what is on the server.</summary>
    public void StartAfter(long sequence)
    {
        lock (_gate)
        {
            (_last, _known, _firstInMemory) = (sequence, sequence, sequence + 1);
        }
    }

    /// <summary>A step of this scheduler reached this number: whoever reads from now on sees its events.</summary>
    public void Know(long sequence)
    {
        TaskCompletionSource? reached = null;
        lock (_gate)
        {
            if (sequence > _known)
            {
                _known = sequence;
                if (sequence > _last)
                {
                    reached = Reach();
                }
            }
        }

        reached?.TrySetResult();
    }

    /// <summary>Takes a step's events as the server told them. False when earlier ones are missing.</summary>
    public bool Take(long first, IReadOnlyList<TaskEvent> events)
    {
        TaskCompletionSource reached;
        lock (_gate)
        {
            if (events.Count == 0 || events[^1].Sequence <= _last)
            {
                return true;
            }

            if (first > _last + 1)
            {
                return false;
            }

            foreach (var change in events)
            {
                if (change.Sequence > _last)
                {
                    _ring[change.Sequence % _ring.Length] = change;
                }
            }

            _last = events[^1].Sequence;
            _known = Math.Max(_known, _last);
            _firstInMemory = Math.Max(_firstInMemory, _last - _ring.Length + 1);
            reached = Reach();
        }

        reached.TrySetResult();
        return true;
    }

    /// <summary>Reads what was missed.</summary>
    public async Task CatchUpAsync()
    {
        await _catchingUp.WaitAsync();
        try
        {
            while (true)
            {
                var from = Volatile.Read(ref _last) + 1;
                var events = new List<TaskEvent>();
                await ReadStreamAsync(events, from, CatchUpMax);
                if (events.Count == 0)
                {
                    return;
                }

                if (!Take(events[0].Sequence, events))
                {
                    // The server keeps no more of them: go on behind the hole.
                    lock (_gate)
                    {
                        _last = events[0].Sequence - 1;
                        _firstInMemory = _last + 1;
                    }

                    Take(events[0].Sequence, events);
                }
            }
        }
        finally
        {
            _catchingUp.Release();
        }
    }

    public async ValueTask<EventPage> ReadAsync(long fromSequence, int max, CancellationToken cancellation)
    {
        await ArriveAsync(Volatile.Read(ref _known));

        lock (_gate)
        {
            if (fromSequence > _last)
            {
                return new EventPage([], Gap: false);
            }

            if (fromSequence >= _firstInMemory)
            {
                var events = new List<TaskEvent>((int)Math.Min(max, _last - fromSequence + 1));
                for (var sequence = fromSequence; sequence <= _last && events.Count < max; sequence++)
                {
                    events.Add(_ring[sequence % _ring.Length]);
                }

                return new EventPage(events, Gap: false);
            }
        }

        return await ReadOldAsync(fromSequence, max);
    }

    // The server tells a step's events when it answers the step. They are read only where they do not come.
    private async Task ArriveAsync(long sequence)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            Task reached;
            lock (_gate)
            {
                if (_last >= sequence)
                {
                    return;
                }

                reached = _next.Task;
            }

            var left = Patience - Stopwatch.GetElapsedTime(since);
            if (left <= TimeSpan.Zero || await Task.WhenAny(reached, Task.Delay(left)) != reached)
            {
                await CatchUpAsync();
                return;
            }
        }
    }

    public async Task WaitBeyondAsync(long sequence, CancellationToken cancellation)
    {
        Task reached;
        lock (_gate)
        {
            if (Math.Max(_last, _known) > sequence)
            {
                return;
            }

            reached = _next.Task;
        }

        await reached.WaitAsync(cancellation);
    }

    public void Dispose() => _catchingUp.Dispose();

    private TaskCompletionSource Reach()
    {
        var reached = _next;
        _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return reached;
    }

    private async Task<EventPage> ReadOldAsync(long from, int max)
    {
        var found = new List<TaskEvent>();
        await ReadStreamAsync(found, from, max);
        return new EventPage(found, Gap: found.Count > 0 && found[0].Sequence > from);
    }

    // A step's entry has the number of its last event, so that the first entry from a number on holds that number.
    private async Task ReadStreamAsync(List<TaskEvent> found, long from, int max)
    {
        for (var steps = StepsAtFirst; found.Count < max; steps = Math.Min(steps * 4, StepsMax))
        {
            var before = found.Count;
            var place = before == 0 ? from : found[^1].Sequence + 1;
            var entries = await connection.RunAsync(database => database.StreamRangeAsync(
                Stream, place.ToString(CultureInfo.InvariantCulture), "+", steps));
            foreach (var entry in entries)
            {
                StoredEvents.AddTo(found, (byte[])entry["b"]!, place, max, ((long)entry["f"], ToTimestamp((long)entry["t"])));
            }

            // The end; or entries that hold none of what they should.
            if (entries.Length < steps || found.Count == before)
            {
                return;
            }
        }
    }

    /// <summary>A step's events as the server tells them.</summary>
    public static IReadOnlyList<TaskEvent> Parse(ReadOnlySpan<byte> body, long first, long unixMilliseconds)
    {
        var events = EventBatch.Parser.ParseFrom(body).Events;
        var at = ToTimestamp(unixMilliseconds);
        for (var index = 0; index < events.Count; index++)
        {
            (events[index].Sequence, events[index].At) = (first + index, at);
        }

        return events;
    }

    private static Timestamp ToTimestamp(long unixMilliseconds) =>
        Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds));
}
