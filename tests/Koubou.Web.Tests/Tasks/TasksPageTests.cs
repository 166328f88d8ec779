using Koubou.Contracts;
using Koubou.Web.Tests.Browser;
using Koubou.Web.Tests.Scripted;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Tasks;

[Collection(SharedWorkshop.Collection)]
public sealed class TasksPageTests(SharedWorkshop shared)
{
    private ScriptedQueue Queue => shared.Workshop.Queue;

    [Fact]
    public async Task Filters_InTheAddress_ShowWhatMatches_AndChangeIt()
    {
        var minutes = Labelled("Summarise the minutes", "filters");
        var circle = Labelled("Draw a circle", "filters");
        Queue.Fail(circle, "Out of memory.");
        var page = await shared.Workshop.OpenAsync("/tasks?label=for%3Dfilters");
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(2);

        await page.Locator("[data-search]").FillAsync("MINUTES");
        await page.Locator("[data-search]").PressAsync("Enter");
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(1);
        await Expect(Row(page, minutes)).ToBeVisibleAsync();
        Assert.EndsWith("?label=for%3Dfilters&q=MINUTES", page.Url, StringComparison.Ordinal);

        await page.GoBackAsync();
        await page.Locator("[data-group=failed]").ClickAsync();
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(1);
        await Expect(Row(page, circle)).ToBeVisibleAsync();

        await page.Locator("[data-clear]").ClickAsync();
        await Expect(Row(page, minutes)).ToBeVisibleAsync();
        Assert.EndsWith("/tasks", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FinerFilters_AreSetOneAfterTheOther_AndTakenAwayOneByOne()
    {
        var wanted = Queue.Submit("Ours", spec => (spec.Type, spec.Client) = ("chips", "alice"));
        Queue.Submit("Theirs", spec => (spec.Type, spec.Client) = ("chips", "bob"));
        var page = await shared.Workshop.OpenAsync("/tasks");
        await page.Locator("details.fine summary").ClickAsync();
        await page.Locator("[data-filter=type]").FillAsync("chips");
        await page.Locator("[data-filter=type]").PressAsync("Tab");
        await page.Locator("[data-drop=type]").WaitForAsync();
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(2);

        // The panel stays open, and the focus where the reader went.
        await page.Locator("[data-filter=client]").FillAsync("alice");
        await page.Locator("[data-filter=client]").PressAsync("Enter");
        await Expect(page).ToHaveURLAsync($"{shared.Workshop.Web.Dashboard}/tasks?type=chips&client=alice");
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(1);
        await Expect(Row(page, wanted)).ToBeVisibleAsync();
        await Expect(page.Locator("[data-filter=client]")).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("details.fine")).Not.ToHaveAttributeAsync("open", "");
        await page.Locator("[data-drop=client]").ClickAsync();
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(2);
        await page.Locator("[data-drop=type]").ClickAsync();
        await Expect(page).ToHaveURLAsync($"{shared.Workshop.Web.Dashboard}/tasks");
        await Expect(page.Locator("[data-filter=type]")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task List_AtItsTop_FollowsWhatHappens()
    {
        var page = await shared.Workshop.OpenAsync("/tasks?label=for%3Dlive");
        await page.Locator("[data-blank=rows]").WaitForAsync();

        var id = Labelled("Arrives while someone looks", "live");
        await Row(page, id).WaitForAsync();
        Queue.Start(id, "worker-01", slot: 4);
        await page.Locator($"[data-task='{id}'][data-state=running] >> text=worker-01").WaitForAsync();
        Queue.Finish(id);

        await page.Locator($"[data-task='{id}'][data-state=succeeded]").WaitForAsync();
    }

    [Fact]
    public async Task Bulk_CancelsAndRetriesWhatIsTicked()
    {
        var ids = Enumerable.Range(1, 3).Select(number => Labelled($"Part {number}", "bulk")).ToList();
        var page = await shared.Workshop.OpenAsync("/tasks?label=for%3Dbulk");

        await Row(page, ids[0]).Locator("[data-pick]").CheckAsync();
        await Row(page, ids[1]).Locator("[data-pick]").CheckAsync();
        await page.Locator("[data-ask=cancel]").ClickAsync();
        await page.Locator("[data-confirm=cancel]").ClickAsync();
        await page.Locator("text=2 changed.").WaitForAsync();
        Assert.Equal([TaskState.Cancelled, TaskState.Cancelled, TaskState.Queued], ids.Select(id => Queue.Find(id).State));

        await Row(page, ids[0]).Locator("[data-pick]").CheckAsync();
        await page.Locator("[data-bulk-all]").ClickAsync();
        await page.Locator("[data-selected='3']").WaitForAsync();
        await page.Locator("[data-bulk-retry]").ClickAsync();
        await page.Locator("text=2 changed.").WaitForAsync();
        Assert.All(ids, id => Assert.Equal(TaskState.Queued, Queue.Find(id).State));
    }

    [Fact]
    public async Task DeadLetter_IsReplayedWhole_AfterAQuestion()
    {
        var failed = Labelled("Needs a model", "dead");
        Queue.Fail(failed, "Pull it: `ollama pull gemma2:2b`.");
        var done = Labelled("Needs nothing", "dead");
        Queue.Finish(done);
        var page = await shared.Workshop.OpenAsync("/dead-letter?label=for%3Ddead");
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(1);
        await Expect(Row(page, failed).Locator("code")).ToHaveTextAsync("ollama pull gemma2:2b");

        await page.Locator("[data-ask=replay]").ClickAsync();
        await page.Locator("[data-confirm=replay]").ClickAsync();

        await page.Locator("[data-blank=rows]").WaitForAsync();
        Assert.Equal(TaskState.Queued, Queue.Find(failed).State);
        Assert.Equal(TaskState.Succeeded, Queue.Find(done).State);
    }

    [Fact]
    public async Task DeadLetter_IsPurgedByAge()
    {
        var old = Labelled("Failed long ago", "purge");
        Queue.Fail(old, "No.", DateTimeOffset.UtcNow.AddDays(-9));
        var young = Labelled("Failed just now", "purge");
        Queue.Fail(young, "No.");
        var page = await shared.Workshop.OpenAsync("/dead-letter?label=for%3Dpurge");
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(2);

        await page.Locator("[data-purge-age]").SelectOptionAsync("7");
        await page.Locator("[data-ask=purge]").ClickAsync();
        await page.Locator("[data-confirm=purge]").ClickAsync();

        await page.Locator("text=1 changed.").WaitForAsync();
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(1);
        await Expect(Row(page, young)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Keys_SearchMoveOpenAndHelp()
    {
        var older = Labelled("The older one", "keys");
        var newer = Labelled("The newer one", "keys");
        var page = await shared.Workshop.OpenAsync("/tasks?label=for%3Dkeys");
        await Row(page, older).WaitForAsync();

        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("#keys")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("/");
        await Expect(page.Locator("[data-search]")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("jk");
        await Expect(page.Locator("[data-search]")).ToHaveValueAsync("jk");
        await page.Locator("[data-search]").FillAsync("");

        await page.Locator("h1").FocusAsync();
        await page.Keyboard.PressAsync("j");
        await Expect(Row(page, newer).Locator("[data-row-link]")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("x");
        await Expect(Row(page, older).Locator("[data-pick]")).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("k");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync($"{shared.Workshop.Web.Dashboard}/tasks/{newer}");
    }

    [Fact]
    public async Task View_IsKeptByTheBrowser_UntilItIsDropped()
    {
        Labelled("Kept", "views");
        var page = await shared.Workshop.OpenAsync("/tasks?label=for%3Dviews&order=priority");
        await page.Locator("[data-view-save]").ClickAsync();
        await page.Locator("[data-view-name]").FillAsync("My <view>");
        await page.Locator("[data-view-keep]").ClickAsync();
        await page.Locator("[data-view='My <view>'] [aria-current]").WaitForAsync();

        await page.GotoAsync($"{shared.Workshop.Web.Dashboard}/tasks");
        await page.Locator("[data-view='My <view>'] a").ClickAsync();
        await Expect(page).ToHaveURLAsync($"{shared.Workshop.Web.Dashboard}/tasks?label=for%3Dviews&order=priority");
        await Expect(page.Locator("[data-order]")).ToHaveValueAsync("priority");
        await page.Locator("[data-view='My <view>'] .view-drop").ClickAsync();
        await Expect(page.Locator("[data-view]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Place_InALongList_IsKeptOverARestartOfTheDashboard()
    {
        var workshop = shared.Workshop;
        await using var stock = await shared.StockAsync(2_000);
        var page = await workshop.OpenAsync("/tasks");
        await page.Locator("[data-total='2000']").WaitForAsync();
        await page.Locator("[data-pick]").Nth(2).CheckAsync();
        await page.EvaluateAsync("scrollTo(0, 60000)");
        await page.Locator("[data-row]:has-text('Task 1000')").First.WaitForAsync();
        await page.Locator("[data-row]:has-text('Task 1000') [data-pick]").CheckAsync();
        await page.Locator("[data-selected='2']").WaitForAsync();

        await page.EvaluateAsync("document.documentElement.dataset.before = ''");
        await workshop.Web.KillAsync();
        await page.Locator(".reconnect").WaitForAsync(new() { State = WaitForSelectorState.Visible });
        await workshop.Web.OpenAsync();
        await page.Locator("html[data-interactive]:not([data-before])").WaitForAsync();

        await page.Locator("[data-row]:has-text('Task 1000')").First.WaitForAsync();
        await page.Locator("[data-selected='2']").WaitForAsync();
        await page.Locator("[data-row].row-selected:has-text('Task 1000')").WaitForAsync();
        Assert.InRange(await page.EvaluateAsync<int>("scrollY"), 59_900, 60_100);
    }

    [Fact]
    public async Task HundredThousand_AreScrolledToTheirEnd_WithFewRowsOnThePage()
    {
        const int Count = 100_000;
        var workshop = shared.Workshop;
        await using var stock = await shared.StockAsync(Count);
        var page = await workshop.OpenAsync("/tasks");
        await page.Locator($"[data-total='{Count}']").WaitForAsync(new() { Timeout = 120_000 });
        await page.GetByText($"Task {Count}", new() { Exact = true }).WaitForAsync();

        await page.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight / 2)");
        await page.Locator("[data-row]:has-text('Task 50')").First.WaitForAsync();
        await page.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight)");
        await page.GetByText("Task 1", new() { Exact = true }).WaitForAsync();

        Assert.InRange(await page.Locator("[data-row]").CountAsync(), 1, 100);
        Assert.Empty(workshop.FaultsOf(page));
    }

    private string Labelled(string prompt, string test) => Queue.Submit(prompt, spec => spec.Labels["for"] = test);

    private static ILocator Row(IPage page, string id) => page.Locator($"[data-row][data-task='{id}']");
}
