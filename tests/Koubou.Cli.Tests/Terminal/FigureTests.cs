using Koubou.Cli.Doctor;
using Koubou.Cli.Terminal;

namespace Koubou.Cli.Tests.Terminal;

public sealed class FigureTests
{
    [Theory]
    [InlineData(0.012, "12 ms")]
    [InlineData(3.44, "3.4 s")]
    [InlineData(300, "5 min")]
    [InlineData(7_200, "2 h")]
    [InlineData(864_000, "10 d")]
    public void Span_IsShort(double seconds, string expected) =>
        Assert.Equal(expected, Figures.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("1.5h", 5_400)]
    [InlineData("7d", 604_800)]
    public void Moments_ReadLengthsOfTime(string text, double seconds)
    {
        Assert.True(Moments.TryReadSpan(text, out var span));
        Assert.Equal(seconds, span.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("90")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1e9d")]
    [InlineData("99999999d")]
    public void Moments_RefuseWhatIsNone(string text) => Assert.False(Moments.TryReadSpan(text, out _));

    [Theory]
    [InlineData("one\ntwo", "one")]
    [InlineData("\n  one", "one")]
    public void Title_IsTheFirstLine(string text, string expected) => Assert.Equal(expected, Figures.Title(text));

    [Theory]
    [InlineData(16_000, 1_600, 32)]
    [InlineData(4_000, 1_600, 4)]
    [InlineData(1_000, 1_600, 1)]
    public void Memory_BearsSoManyCraftsmen(long freeMiB, long modelMiB, int expected) =>
        Assert.Equal(expected, MemoryRule.CraftsmenThatFit(freeMiB * 1_000_000, modelMiB * 1_000_000));
}
