using System.Globalization;

namespace Koubou.Cli.Terminal;

/// <summary>Numbers and times as people read them.</summary>
internal static class Figures
{
    private const int TitleMax = 200;

    /// <summary>Samples: <c>12 ms</c>, <c>3.4 s</c>, <c>5 min</c>, <c>2 h</c>, <c>9 d</c>.</summary>
    public static string Span(TimeSpan? span) => span switch
    {
        null => "-",
        { TotalSeconds: < 1 } brief => Invariant($"{brief.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } brief => Invariant($"{brief.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } some => Invariant($"{some.TotalMinutes:0} min"),
        { TotalDays: < 2 } hours => Invariant($"{hours.TotalHours:0} h"),
        { } days => Invariant($"{days.TotalDays:0} d"),
    };

    public static string Since(DateTimeOffset? then, DateTimeOffset now) => Span(then is null ? null : Positive(now - then.Value));

    public static string Between(DateTimeOffset? start, DateTimeOffset? end) =>
        Span(start is null || end is null ? null : Positive(end.Value - start.Value));

    /// <summary>Local time with its date, to the second.</summary>
    public static string Time(DateTimeOffset? time) =>
        time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-";

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The first line of a text, enough to know it by.</summary>
    public static string Title(string text)
    {
        var line = text.AsSpan().TrimStart();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return line.Length <= TitleMax ? line.ToString() : string.Concat(line[..TitleMax], "…");
    }

    private static TimeSpan Positive(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
