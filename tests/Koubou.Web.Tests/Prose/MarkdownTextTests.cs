using Bunit;
using Koubou.Web.Prose;
using Koubou.Web.Tests.Overview;

namespace Koubou.Web.Tests.Prose;

public sealed class MarkdownTextTests : OverviewContext
{
    [Theory]
    [InlineData("<img src=x onerror=alert(1)><script>alert(2)</script>")]
    [InlineData("text\n\n<div onclick=alert(1)>\n\nmore</div>")]
    [InlineData("![picture](https://example.org/track.png)")]
    [InlineData("[click](javascript:alert(1)) <javascript:alert(2)> [data](data:text/html,x) [file](/etc/passwd)")]
    [InlineData("[ref][1]\n\n[1]: javascript:alert(1)")]
    public void Hostile_Text_BecomesNoElementThatActs(string text)
    {
        var prose = Show(text);

        Assert.Empty(prose.FindAll("img, script, iframe, [onclick], [onerror], a"));
    }

    [Fact]
    public void Html_IsShownAsItWasWritten()
    {
        Assert.Contains("<b>bold</b>", Show("a <b>bold</b> word").Find("p").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_BecomeTheirElements()
    {
        var prose = Show("# Title\n\nA **strong** `word`, [link](https://example.org/).\n\n- one\n- two\n\n"
            + "```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> said\n\n---\n");

        Assert.Equal("Title", prose.Find("[role=heading]").TextContent.Trim());
        Assert.Equal("strong", prose.Find("strong").TextContent);
        Assert.Equal("https://example.org/", prose.Find("a").GetAttribute("href"));
        Assert.Contains("noopener", prose.Find("a").GetAttribute("rel"), StringComparison.Ordinal);
        Assert.Equal(2, prose.FindAll("ul > li").Count);
        Assert.Equal("print(1)", prose.Find("figure pre").TextContent);
        Assert.Equal("python", prose.Find("figcaption span").TextContent);
        Assert.Equal(["a", "b"], prose.FindAll("th").Select(cell => cell.TextContent.Trim()));
        Assert.Equal("said", prose.Find("blockquote").TextContent.Trim());
        Assert.NotNull(prose.Find("hr"));
    }

    [Fact]
    public void Half_OfACodeBlock_AsItStreamsIn_IsCodeAlready() =>
        Assert.Equal("def f():", Show("Here:\n\n```python\ndef f():").Find("figure pre").TextContent);

    [Fact]
    public void Text_TooLongOrTooDeep_IsShownPlain()
    {
        Assert.Empty(Show(new string('>', 5_000) + "deep").FindAll("blockquote"));
        Assert.NotNull(Show(new string('x', MarkdownReading.LengthMax + 1)).Find(".plain"));
    }

    private IRenderedComponent<MarkdownText> Show(string text) =>
        Render<MarkdownText>(with => with.Add(view => view.Text, text));
}
