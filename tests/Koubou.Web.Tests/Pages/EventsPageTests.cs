using Koubou.Web.Tests.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Pages;

[Collection(SharedWorkshop.Collection)]
public sealed class EventsPageTests(SharedWorkshop shared)
{
    [Fact]
    public async Task Tail_ShowsWhatHappens_FiltersAndStandsStill()
    {
        var queue = shared.Workshop.Queue;
        var page = await shared.Workshop.OpenAsync("/events");
        var id = queue.Submit("Watch me", spec => spec.Type = "tail-test");
        await page.Locator("[data-search]").FillAsync("TAIL-test");
        await Expect(page.Locator("[data-event]")).ToHaveCountAsync(1);

        queue.Start(id, "worker-01", slot: 1);
        queue.Finish(id);
        await Expect(page.Locator("[data-event]")).ToHaveCountAsync(3);
        await page.Locator("[data-kind]").First.SelectOptionAsync("Started");
        await Expect(page.Locator("[data-event]")).ToHaveCountAsync(1);

        await page.Locator("[data-pause]").ClickAsync();
        await page.Locator("[data-pause][aria-pressed=true]").WaitForAsync();
        var later = queue.Submit("Later", spec => spec.Type = "tail-test");
        queue.Start(later, "worker-01", slot: 1);
        await page.Locator("[data-pause]").ClickAsync();
        await Expect(page.Locator("[data-event]")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Filter_LivesInTheAddress_AndLeavesItWithTheNextPage()
    {
        var queue = shared.Workshop.Queue;
        var id = queue.Submit("Watch me", spec => spec.Type = "address-test");
        queue.Finish(id);
        var page = await shared.Workshop.OpenAsync("/events");
        await page.Locator("[data-search]").PressSequentiallyAsync("address-TEST");
        await page.Locator("select[data-kind]").SelectOptionAsync("Succeeded");
        await Expect(page).ToHaveURLAsync($"{shared.Workshop.Web.Dashboard}/events?kind=succeeded&q=address-TEST");

        await page.ReloadAsync();
        await page.Locator("html[data-interactive]").WaitForAsync();
        await Expect(page.Locator("[data-search]")).ToHaveValueAsync("address-TEST");
        await Expect(page.Locator("select[data-kind]")).ToHaveValueAsync("Succeeded");
        await Expect(page.Locator("[data-event]")).ToHaveCountAsync(1);

        await page.Locator("[data-place=events]").ClickAsync();
        await Expect(page.Locator("[data-search]")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task Tail_ThatWasPaused_IsPausedAfterARestart()
    {
        var workshop = shared.Workshop;
        var page = await workshop.OpenAsync("/events");
        await page.Locator("[data-pause]").ClickAsync();
        await page.Locator("[data-pause][aria-pressed=true]").WaitForAsync();
        await page.EvaluateAsync("document.documentElement.dataset.before = ''");

        await workshop.Web.KillAsync();
        await page.Locator(".reconnect").WaitForAsync(new() { State = WaitForSelectorState.Visible });
        await workshop.Web.OpenAsync();
        await page.Locator("html[data-interactive]:not([data-before])").WaitForAsync();

        await page.Locator("[data-pause][aria-pressed=true]").WaitForAsync();
    }

    [Fact]
    public async Task Tail_OfAFreshDashboard_BeginsBeforeItStarted()
    {
        var workshop = shared.Workshop;
        var id = workshop.Queue.Submit("Happened before", spec => spec.Type = "history-test");

        await workshop.Web.KillAsync();
        await workshop.Web.OpenAsync();
        var page = await workshop.OpenAsync("/events");

        await page.Locator($"[data-event] a[href='tasks/{id}']").WaitForAsync();
    }
}
