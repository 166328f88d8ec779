using CsCheck;
using Koubou.Web.Live;

namespace Koubou.Web.Tests.Live;

public sealed class ExcerptTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  \n\t ", "")]
    [InlineData("  one\r\n  two  ", "one two")]
    [InlineData("a\0b", "a b")]
    public void Text_WithWhiteSpace_BecomesOneLine(string text, string line) => Assert.Equal(line, Excerpt.Of(text));

    [Fact]
    public void AnyText_IsShortAndOnOneLine() => Gen.String.Sample(text =>
    {
        var line = Excerpt.Of(text + text + text);

        Assert.InRange(line.Length, 0, 201);
        Assert.DoesNotContain(line, character => char.IsControl(character));
    });

    [Fact]
    public void LongText_IsNeverCutWithinACharacter()
    {
        var line = Excerpt.Of("x" + string.Concat(Enumerable.Repeat("🔨", 200)));

        Assert.EndsWith("🔨…", line, StringComparison.Ordinal);
    }
}
