using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Events;

namespace Koubou.Scheduler.Metrics;

/// <summary>How long a task will probably wait: its position, at the pace at which tasks started lately.</summary>
internal sealed class WaitEstimator(TimeProvider time) : IEventListener
{
    private const int StartsMin = 5;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();

    // One entry a second: when it began, and tasks that started in it.
    private readonly Queue<(long Second, int Starts)> _seconds = [];
    private long _current;
    private int _starts;
    private long _total;

    public void Hear(TaskEvent change)
    {
        if (change.Kind != EventKind.Started)
        {
            return;
        }

        lock (_gate)
        {
            MoveTo(change.At.Seconds);
            _starts++;
            _total++;
        }
    }

    /// <summary>The wait, or null when too little has started lately to tell.</summary>
    /// <param name="position">1 is next; 0: not known.</param>
    public Duration? Estimate(long position)
    {
        if (position <= 0)
        {
            return null;
        }

        lock (_gate)
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds();
            MoveTo(now);
            if (_total < StartsMin)
            {
                return null;
            }

            var begun = _seconds.TryPeek(out var oldest) ? oldest.Second : _current;
            var pace = _total / (double)Math.Max(1, now - begun);
            return Duration.FromTimeSpan(TimeSpan.FromSeconds(Math.Min(position / pace, TimeSpan.FromDays(30).TotalSeconds)));
        }
    }

    private void MoveTo(long second)
    {
        if (second <= _current)
        {
            return;
        }

        if (_starts > 0)
        {
            _seconds.Enqueue((_current, _starts));
            _starts = 0;
        }

        _current = second;
        while (_seconds.TryPeek(out var oldest) && oldest.Second < second - Window.TotalSeconds)
        {
            _total -= oldest.Starts;
            _seconds.Dequeue();
        }
    }
}
