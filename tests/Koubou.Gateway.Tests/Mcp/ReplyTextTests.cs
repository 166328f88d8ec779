using System.Text.Json;
using CsCheck;
using Koubou.Gateway.Mcp.Replies;

namespace Koubou.Gateway.Tests.Mcp;

public sealed class ReplyTextTests
{
    private static readonly Gen<string> Words = Gen.String[Gen.Char["ab 工房\n\"{}:,-"], 0, 30];

    [Fact]
    public void Text_OfEveryContent_HoldsEveryValueOfIt()
    {
        var leaf = Gen.OneOf<object?>(
            Words.Select(text => (object?)text), Gen.Long.Select(number => (object?)number), Gen.Bool.Select(flag => (object?)flag));
        var item = Gen.Select(leaf, leaf, (first, second) => new Dictionary<string, object?> { ["a"] = first, ["b"] = second });
        Gen.Select(leaf, item, item.List[0, 3], Words.List[0, 3]).Sample((plain, nested, items, texts) =>
        {
            var content = JsonSerializer.SerializeToElement(
                new Dictionary<string, object?> { ["plain"] = plain, ["nested"] = nested, ["items"] = items, ["texts"] = texts });

            var text = ReplyText.Of(content);

            Assert.All(Leaves(content), value => Assert.Contains(value, text, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Text_OfLongAndFlatMembers_ReadsAsABriefNote()
    {
        var content = JsonElement.Parse("""
            {"id":"1","flag":true,"nothing":null,"none":[],"results":[{"id":"2","output":"line 1\nline 2","state":"succeeded"}]}
            """);

        Assert.Equal(
            """
            id: 1
            flag: true
            results:
              - id: 2, state: succeeded
                output: <<<
            line 1
            line 2
            >>>
            """,
            ReplyText.Of(content));
    }

    [Theory]
    [InlineData("abcdef", 4, 4)]
    [InlineData("工房です", 9, 3)]
    [InlineData("a😀b", 4, 1)]
    [InlineData("", 0, 0)]
    public void Fit_OfAText_StopsAtTheWeightAndNeverInsideALetter(string text, int weight, int length) =>
        Assert.Equal(length, TextWeight.Fit(text, weight));

    [Fact]
    public void Title_OfAPrompt_IsItsFirstLineShortened()
    {
        Assert.Equal("First line", TextWeight.Title("\n  First line \nsecond"));
        Assert.Equal(new string('x', 180) + "…", TextWeight.Title(new string('x', 500)));
    }

    private static IEnumerable<string> Leaves(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Leaves(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Leaves),
        JsonValueKind.String => [value.GetString()!.TrimEnd('\n')],
        _ => [value.GetRawText()],
    };
}
