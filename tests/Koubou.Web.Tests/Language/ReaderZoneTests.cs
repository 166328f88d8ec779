using System.Globalization;
using Koubou.Web.Language;

namespace Koubou.Web.Tests.Language;

public sealed class ReaderZoneTests
{
    [Theory]
    [InlineData("Asia/Tokyo|540", "2026-11-27T14:59:59Z", "2026-11-26T15:00:00Z")]
    [InlineData("Asia/Tokyo|540", "2026-11-27T15:00:00Z", "2026-11-27T15:00:00Z")]
    [InlineData("Asia/Kathmandu|345", "2026-11-27T12:00:00Z", "2026-11-26T18:15:00Z")]
    [InlineData("No/Such_Place|-210", "2026-11-27T03:29:00Z", "2026-11-26T03:30:00Z")]
    // On the day on which the clocks go back in New York, and from whose midnight on it is summer time still.
    [InlineData("America/New_York|-300", "2026-11-01T20:00:00Z", "2026-11-01T04:00:00Z")]
    // In Havana the clocks go back over midnight itself: the day has it twice, and begins with the first.
    [InlineData("America/Havana|-300", "2026-11-01T20:00:00Z", "2026-11-01T04:00:00Z")]
    public void Midnight_IsTheReaders(string zone, string now, string midnight) => Assert.Equal(
        Time(midnight), ReaderZone.Parse(zone)!.MidnightBefore(Time(now)).ToUniversalTime());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("|")]
    [InlineData("../../etc/passwd|x")]
    [InlineData("|100000")]
    public void Nonsense_IsNoZone(string? text) => Assert.Null(ReaderZone.Parse(text));

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
