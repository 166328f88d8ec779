using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Web.Pages.OneTask;

public enum Phase
{
    /// <summary>In the queue, or in a retry's backoff.</summary>
    Waiting,

    /// <summary>The model is loaded.</summary>
    Loading,

    /// <summary>The model reads the prompt, until its first token.</summary>
    Reading,

    /// <summary>The answer is written.</summary>
    Writing,

    /// <summary>The node said nothing finer of this time.</summary>
    Working,
}

/// <summary>A stretch of time on the line, in percent of the whole.</summary>
public sealed record Stretch(Phase Phase, double Left, double Width, TimeSpan Time);

/// <summary>One attempt with the wait before it. No attempt: the wait that goes on now.</summary>
public sealed record AttemptRow(Attempt? Attempt, IReadOnlyList<Stretch> Stretches);

/// <summary>A task's life as rows of stretches on one common line of time.</summary>
public static class Waterfall
{
    public static IReadOnlyList<AttemptRow> Of(TaskRecord task, DateTimeOffset now)
    {
        var start = task.SubmittedAt?.ToDateTimeOffset() ?? now;
        var end = task.State.IsFinal() && task.FinishedAt is { } finished ? finished.ToDateTimeOffset() : now;
        var scale = new Scale(start, end);
        var rows = new List<AttemptRow>();
        var from = start;
        foreach (var attempt in task.Attempts)
        {
            var leased = Later(attempt.LeasedAt, from);
            var done = attempt.FinishedAt is null ? Latest(end, leased) : Later(attempt.FinishedAt, leased);
            rows.Add(new AttemptRow(attempt, [.. Stretches(scale, from, leased, done, attempt)]));
            from = done;
        }

        if (!task.State.IsFinal() && task.State != TaskState.Running)
        {
            rows.Add(new AttemptRow(null, [scale.Of(Phase.Waiting, from, end)]));
        }

        return rows;
    }

    private static IEnumerable<Stretch> Stretches(
        Scale scale, DateTimeOffset from, DateTimeOffset leased, DateTimeOffset done, Attempt attempt)
    {
        yield return scale.Of(Phase.Waiting, from, leased);
        var loaded = Earlier(leased + Span(attempt.ModelLoad), done);
        var firstToken = attempt.FirstToken is null ? loaded : Earlier(Latest(leased + Span(attempt.FirstToken), loaded), done);
        yield return scale.Of(Phase.Loading, leased, loaded);
        yield return scale.Of(Phase.Reading, loaded, firstToken);
        yield return scale.Of(attempt.FirstToken is null ? Phase.Working : Phase.Writing, firstToken, done);
    }

    private static TimeSpan Span(Duration? duration) => duration?.ToTimeSpan() ?? TimeSpan.Zero;

    private static DateTimeOffset Later(Timestamp? time, DateTimeOffset than) =>
        time is null ? than : Latest(time.ToDateTimeOffset(), than);

    private static DateTimeOffset Latest(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    // Clocks of two machines differ: nothing lies outside the line, whatever the record says.
    private sealed record Scale(DateTimeOffset Start, DateTimeOffset End)
    {
        public Stretch Of(Phase phase, DateTimeOffset from, DateTimeOffset to)
        {
            var left = Percent(from);
            return new Stretch(phase, left, Math.Max(0, Percent(to) - left), to > from ? to - from : TimeSpan.Zero);
        }

        private double Percent(DateTimeOffset time) =>
            End <= Start ? 0 : Math.Clamp((time - Start) / (End - Start) * 100, 0, 100);
    }
}
