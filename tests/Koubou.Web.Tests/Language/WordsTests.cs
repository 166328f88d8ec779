using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Koubou.Contracts;

namespace Koubou.Web.Tests.Language;

public sealed partial class WordsTests
{
    private static readonly string Source = typeof(WordsTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Koubou.Web.Source").Value!;

    [Fact]
    public void Japanese_SaysAllThatEnglishSays()
    {
        var english = Read("Words.resx");
        var japanese = Read("Words.ja.resx");

        Assert.Equal(english.Keys.Order(), japanese.Keys.Order());
        Assert.All(english, word => Assert.Equal(Places(word.Value), Places(japanese[word.Key])));
    }

    [Fact]
    public void Words_ThatPagesAskFor_AreThere()
    {
        var english = Read("Words.resx");
        var asked = Directory.EnumerateFiles(Source, "*.razor", SearchOption.AllDirectories)
            .SelectMany(file => AskedFor().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["key"].Value)
            .Distinct(StringComparer.Ordinal);

        Assert.All(asked, key => Assert.Contains(key, english.Keys));
    }

    [Fact]
    public void States_AllHaveAWord() =>
        Assert.All(TaskStates.All, state => Assert.Contains("State." + state.ToWord(), Read("Words.resx").Keys));

    private static Dictionary<string, string> Read(string file) =>
        XDocument.Load(Path.Combine(Source, "Language", file)).Root!.Elements("data")
            .ToDictionary(word => word.Attribute("name")!.Value, word => word.Element("value")!.Value, StringComparer.Ordinal);

    private static IEnumerable<string> Places(string text) =>
        Place().Matches(text).Select(match => match.Value).Order(StringComparer.Ordinal);

    // Sample: Say["Figures.RunningNote", busy, slots]; keys that are put together at run time end with a dot.
    [GeneratedRegex("""Say\["(?<key>[^"]*[^".])["]""", RegexOptions.NonBacktracking)]
    private static partial Regex AskedFor();

    [GeneratedRegex(@"\{\d[^}]*\}", RegexOptions.NonBacktracking)]
    private static partial Regex Place();
}
