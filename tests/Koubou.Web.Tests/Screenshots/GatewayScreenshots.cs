using Koubou.Web.Tests.Whole;
using Microsoft.Playwright;

namespace Koubou.Web.Tests.Screenshots;

/// <summary>Not a test: pictures of the pages that the gateway itself shows.</summary>
[Collection(WholeWorkshop.Collection)]
public sealed class GatewayScreenshots(WholeWorkshop workshop)
{
    /// <summary>With the settings of every service, which only a whole workshop has.</summary>
    [Theory(Explicit = true)]
    [InlineData("laptop-en", "en", ColorScheme.Light, 1440)]
    [InlineData("laptop-ja", "ja", ColorScheme.Dark, 1440)]
    [InlineData("phone-ja", "ja", ColorScheme.Light, 390)]
    public async Task EverySetting(string name, string language, ColorScheme theme, int width)
    {
        var page = await (await workshop.NewContextAsync(language, theme, width)).NewPageAsync();
        await page.GotoAsync($"{workshop.Gateway}dashboard/settings");
        await page.Locator("[data-service=gateway]").WaitForAsync();
        await page.ScreenshotAsync(
            new() { Path = Path.Combine(ScreenshotMaker.Folder, $"settings-whole-{name}.png"), FullPage = true });
    }

    [Theory(Explicit = true)]
    [InlineData("laptop-en", "en", ColorScheme.Light, 1440)]
    [InlineData("phone-ja", "ja", ColorScheme.Dark, 390)]
    public async Task EveryGatewayPage(string name, string language, ColorScheme theme, int width)
    {
        foreach (var (file, gateway) in new[] { ("sign-in", workshop.Keyed), ("web-away", workshop.Webless) })
        {
            var context = await workshop.NewContextAsync(language, theme, width);
            var page = await context.NewPageAsync();
            await page.GotoAsync($"{gateway}dashboard");
            await page.Locator("h1").WaitForAsync();
            await page.ScreenshotAsync(new() { Path = Path.Combine(ScreenshotMaker.Folder, $"{file}-{name}.png") });
        }
    }
}
