using System.Globalization;
using Koubou.Contracts;
using Koubou.Web.Language;
using Koubou.Web.Tests.Whole;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace Koubou.Web.Tests.Language;

/// <summary>What the services say in English, by code in Japanese.</summary>
public sealed class ErrorWordsTests : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentUICulture;
    private readonly IStringLocalizer<Errors> _words = new ServiceCollection().AddLogging().AddLocalization()
        .BuildServiceProvider().GetRequiredService<IStringLocalizer<Errors>>();

    public ErrorWordsTests() => CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("ja");

    public void Dispose() => CultureInfo.CurrentUICulture = _before;

    [Fact]
    public void Finding_WithAllThatItSpeaksOf_IsSaidWhole()
    {
        var finding = new HealthFinding { Code = "type_without_node", Args = { ["type"] = "翻訳", ["waiting"] = "12" } };

        var said = _words.OfFinding(finding);

        Assert.StartsWith("種類「翻訳」のタスクが 12 件待っています", said, StringComparison.Ordinal);
        Assert.DoesNotContain("{", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Finding_OfASchedulerThatTellsNoArguments_IsLeftAsItCame() =>
        Assert.Null(_words.OfFinding(new HealthFinding { Code = "disk_low", Message = "Only 200 MB are left." }));

    [Fact]
    public void Codes_AreSaid_AndUnknownOnesAreNot()
    {
        Assert.NotNull(_words.OfError("timeout"));
        Assert.NotNull(_words.OfFault("labels[\"a\"]", "INVALID"));
        Assert.NotEqual(_words.OfFault("prompt", "INVALID"), _words.OfFault("prompt", "TOO_LARGE"));
        Assert.Null(_words.OfError("never_heard_of"));
        Assert.Null(_words.OfError(""));
        Assert.Null(_words.OfFault("never_heard_of", "INVALID"));
    }

    [Fact]
    public void Texts_AreThoseOfTheServices()
    {
        var source = string.Concat(WholeWorkshop.SourcesOf("Koubou.Scheduler"));
        var texts = _words.GetAllStrings(includeParentCultures: false).Where(word => word.Name.StartsWith("text.", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(texts);
        Assert.All(texts, text => Assert.Contains($"\"{text.Name["text.".Length..]}\"", source, StringComparison.Ordinal));
    }

    [Fact]
    public void English_StaysAsTheServicesPutIt()
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");

        Assert.Null(_words.OfError("timeout"));
        Assert.Null(_words.OfFinding(new HealthFinding { Code = "redis_not_durable" }));
    }
}
