using Koubou.Contracts;
using Koubou.Scheduler.Events;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Metrics;

/// <summary>
/// What happened in each minute of the last day, kept in memory and made anew from the event log after a restart.
/// </summary>
internal sealed class MetricsBoard(TimeProvider time) : IEventListener
{
    /// <summary>Minutes that are kept.</summary>
    public const int MinutesMax = 24 * 60;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, MinuteStats> _minutes = [];

    public void Hear(TaskEvent change)
    {
        if (!TaskId.TryParse(change.TaskId, out var id))
        {
            return;
        }

        lock (_gate)
        {
            if (Minute(change.At.Seconds / 60) is { } stats)
            {
                stats.Count(change, id.Milliseconds);
            }
        }
    }

    /// <summary>Notes how busy the worker nodes are now.</summary>
    public void Sample(int slotsBusy, int slots)
    {
        lock (_gate)
        {
            Minute(ThisMinute())?.Sample(slotsBusy, slots);
        }
    }

    /// <summary>Points of equal length from a moment to now, without holes.</summary>
    /// <param name="from">The first point holds it; what is older than a day is left out.</param>
    /// <param name="stepMinutes">1 or more.</param>
    public IReadOnlyList<MetricsPoint> Read(DateTimeOffset from, int stepMinutes)
    {
        var last = ThisMinute();
        var first = Math.Max(from.ToUnixTimeSeconds() / 60, last - MinutesMax + 1);
        first -= first % stepMinutes;
        var points = new List<MetricsPoint>();
        lock (_gate)
        {
            for (var begin = first; begin <= last; begin += stepMinutes)
            {
                var sum = new MinuteStats();
                for (var minute = begin; minute < begin + stepMinutes; minute++)
                {
                    if (_minutes.TryGetValue(minute, out var stats))
                    {
                        sum.Add(stats);
                    }
                }

                points.Add(sum.ToPoint(DateTimeOffset.FromUnixTimeSeconds(begin * 60)));
            }
        }

        return points;
    }

    private long ThisMinute() => time.GetUtcNow().ToUnixTimeSeconds() / 60;

    private MinuteStats? Minute(long minute)
    {
        var oldest = ThisMinute() - MinutesMax;
        while (_minutes.Count > 0 && _minutes.Keys.First() <= oldest)
        {
            _minutes.Remove(_minutes.Keys.First());
        }

        if (minute <= oldest)
        {
            return null;
        }

        if (!_minutes.TryGetValue(minute, out var stats))
        {
            _minutes.Add(minute, stats = new MinuteStats());
        }

        return stats;
    }
}
