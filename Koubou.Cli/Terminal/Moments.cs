using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Koubou.Cli.Terminal;

/// <summary>Options that take a length of time or a point in time.</summary>
internal static class Moments
{
    private const string SpanForm = "a number with s, m, h or d, such as 90s or 2h";

    /// <summary>An option such as <c>--timeout 90s</c>.</summary>
    public static Option<TimeSpan?> CreateSpan(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => TryReadSpan(result.Tokens[0].Value, out var span) ? span : Refuse(result, name, SpanForm),
    };

    /// <summary>An option such as <c>--deadline 2h</c> (from now on) or <c>--submitted-after 1d</c> (ago), or a date.</summary>
    public static Option<DateTimeOffset?> CreatePoint(string name, string description, bool isAhead) => new(name)
    {
        Description = description,
        CustomParser = result => Read(result, name, isAhead),
    };

    /// <summary>Sample: <c>1.5h</c>.</summary>
    internal static bool TryReadSpan(string text, out TimeSpan span)
    {
        span = default;
        var unit = text.Length > 0 ? text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0 } : 0;
        if (unit == 0
            || !double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number * unit > TimeSpan.FromDays(36_500).TotalSeconds)
        {
            return false;
        }

        span = TimeSpan.FromSeconds(number * unit);
        return true;
    }

    private static DateTimeOffset? Read(ArgumentResult result, string name, bool isAhead)
    {
        var text = result.Tokens[0].Value;
        if (TryReadSpan(text, out var span))
        {
            return TimeProvider.System.GetUtcNow() + (isAhead ? span : -span);
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time))
        {
            return time;
        }

        Refuse(result, name, $"{SpanForm}, or a point in time such as 2030-01-31T08:00");
        return null;
    }

    private static TimeSpan? Refuse(ArgumentResult result, string name, string allowed)
    {
        result.AddError($"{name} is '{result.Tokens[0].Value}'. Allowed: {allowed}.");
        return null;
    }
}
