using System.Globalization;

namespace Koubou.Web.Language;

/// <summary>The time zone that the browser tells, and its midnight.</summary>
public static class ReaderZone
{
    /// <summary>js/theme.js writes it, so that the first picture of a page knows it as well.</summary>
    public const string Cookie = "koubou-zone";

    private const int OffsetMinutesMax = 14 * 60;

    /// <summary>
    /// Reads <c>Asia/Tokyo|540</c>: the zone's name, and the minutes that its clocks are ahead now, which hold where this
    /// machine does not know the name. Null: neither says anything.
    /// </summary>
    public static TimeZoneInfo? Parse(string? text)
    {
        var parts = (text ?? "").Split('|');
        if (parts[0].Length is > 0 and <= 64 && TimeZoneInfo.TryFindSystemTimeZoneById(parts[0], out var known))
        {
            return known;
        }

        return parts.Length == 2 && int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var minutes)
            && Math.Abs(minutes) <= OffsetMinutesMax
                ? TimeZoneInfo.CreateCustomTimeZone("reader", TimeSpan.FromMinutes(minutes), "reader", "reader")
                : null;
    }

    /// <summary>The moment at which the reader's day began.</summary>
    public static DateTimeOffset MidnightBefore(this TimeZoneInfo zone, DateTimeOffset now)
    {
        var midnight = TimeZoneInfo.ConvertTime(now, zone).Date;
        var offset = zone.IsAmbiguousTime(midnight)
            // Clocks went back over midnight: the day began with the first of the two.
            ? zone.GetAmbiguousTimeOffsets(midnight).Max()
            : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset);
    }
}
