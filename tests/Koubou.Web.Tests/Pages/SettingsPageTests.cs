using Koubou.Contracts;
using Koubou.Web.Tests.Browser;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Pages;

[Collection(SharedWorkshop.Collection)]
public sealed class SettingsPageTests(SharedWorkshop shared)
{
    [Fact]
    public async Task Settings_OfBothServices_AreShownAndFound()
    {
        shared.Workshop.Queue.Settings.Clear();
        shared.Workshop.Queue.Settings.Add(new Setting { Service = "scheduler", Name = "Queue:JoinKey", Value = "•••" });
        shared.Workshop.Queue.Settings.Add(new Setting { Service = "scheduler", Name = "Queue:Lease:Duration", Value = "00:00:30" });
        var page = await shared.Workshop.OpenAsync("/settings");

        await Expect(page.Locator("[data-service=scheduler] [data-setting='Queue:JoinKey'] dd")).ToHaveTextAsync("•••");
        await Expect(page.Locator("[data-service=web] [data-setting='Koubou:Web:CloudPrice:Currency'] dd")).ToHaveTextAsync("USD");
        await page.Locator("[data-search]").FillAsync("lease");
        await Expect(page.Locator("[data-setting]")).ToHaveCountAsync(1);
    }
}
