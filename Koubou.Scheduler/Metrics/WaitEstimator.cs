using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Events;

namespace Koubou.Scheduler.Metrics;

/// <summary>How long a task will probably wait: its position, at the pace at which tasks started lately.</summary>
internal sealed class WaitEstimator(TimeProvider time) : IEventListener
{
    private const int StartsMin = 5;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();

    // One entry a second: when it began, and tasks that started in it.
    private readonly Queue<(long Second, int Starts)> seconds = [];
    private long current;
    private int starts;
    private long total;

    public void Hear(TaskEvent change)
    {
        if (change.Kind != EventKind.Started)
        {
            return;
        }

        lock (gate)
        {
            MoveTo(change.At.Seconds);
            starts++;
            total++;
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

        lock (gate)
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds();
            MoveTo(now);
            if (total < StartsMin)
            {
                return null;
            }

            var begun = seconds.TryPeek(out var oldest) ? oldest.Second : current;
            var pace = total / (double)Math.Max(1, now - begun);
            return Duration.FromTimeSpan(TimeSpan.FromSeconds(Math.Min(position / pace, TimeSpan.FromDays(30).TotalSeconds)));
        }
    }

    private void MoveTo(long second)
    {
        if (second <= current)
        {
            return;
        }

        if (starts > 0)
        {
            seconds.Enqueue((current, starts));
            starts = 0;
        }

        current = second;
        while (seconds.TryPeek(out var oldest) && oldest.Second < second - Window.TotalSeconds)
        {
            total -= oldest.Starts;
            seconds.Dequeue();
        }
    }
}
