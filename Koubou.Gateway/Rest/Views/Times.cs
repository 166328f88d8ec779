using Google.Protobuf.WellKnownTypes;

namespace Koubou.Gateway.Rest.Views;

/// <summary>Times and spans as JSON shows them.</summary>
internal static class Times
{
    public static DateTime? ToUtc(this Timestamp? time) => time?.ToDateTime();

    public static double? ToMilliseconds(this Duration? span) =>
        span is null ? null : Math.Round(span.ToTimeSpan().TotalMilliseconds, 3);

    public static double? MillisecondsUntil(this Timestamp? from, Timestamp? until) =>
        from is null || until is null ? null : Math.Round((until - from).ToTimeSpan().TotalMilliseconds, 3);
}
