using Koubou.Contracts;
using Koubou.Web.Tests.Browser;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Pages;

[Collection(SharedWorkshop.Collection)]
public sealed class SettingsPageTests(SharedWorkshop shared)
{
    [Fact]
    public async Task Settings_WithoutAGateway_AreShownAndFound()
    {
        shared.Workshop.Queue.Settings.Clear();
        shared.Workshop.Queue.Settings.Add(new Setting { Service = "scheduler", Name = "Queue:JoinKey", Value = "•••" });
        shared.Workshop.Queue.Settings.Add(new Setting { Service = "scheduler", Name = "Queue:Lease:Duration", Value = "00:00:30" });
        var page = await shared.Workshop.OpenAsync("/settings");

        await Expect(page.Locator("[data-service=scheduler] [data-setting='Queue:JoinKey'] dd")).ToHaveTextAsync("•••");
        await Expect(page.Locator("[data-service=web] [data-setting='Koubou:Web:CloudPrice:Currency'] dd")).ToHaveTextAsync("USD");
        await page.Locator("[data-gateway-away]").WaitForAsync();
        await page.Locator("[data-search]").FillAsync("lease");
        await Expect(page.Locator("[data-setting]")).ToHaveCountAsync(1);
        await page.Locator("[data-search]").FillAsync("no such setting");
        await page.Locator("[data-blank=settings]").WaitForAsync();
    }

    [Fact]
    public async Task Nodes_AreFoldedWhereThereAreSeveral_AndOpenToASearch()
    {
        shared.Workshop.Queue.Settings.Clear();
        foreach (var node in new[] { "node-1", "node-2" })
        {
            shared.Workshop.Queue.Settings.Add(
                new Setting { Service = "worker", Node = node, Name = "Koubou:Worker:SlotsMax", Value = "<b>3</b>" });
        }

        var page = await shared.Workshop.OpenAsync("/settings");
        var value = page.Locator("[data-node=node-2] [data-setting='Koubou:Worker:SlotsMax'] dd");

        await Expect(value).ToBeHiddenAsync();
        await page.Locator("[data-node=node-2] summary").ClickAsync();
        await Expect(value).ToHaveTextAsync("<b>3</b>");
        await page.Locator("[data-search]").FillAsync("slots");
        await Expect(page.Locator("[data-node=node-1] [data-setting] dd")).ToBeVisibleAsync();
    }
}
