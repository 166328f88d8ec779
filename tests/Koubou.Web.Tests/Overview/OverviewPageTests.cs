using System.Diagnostics;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Koubou.Contracts;
using Koubou.Web.Tests.Browser;
using Microsoft.Playwright;

namespace Koubou.Web.Tests.Overview;

[Collection(SharedWorkshop.Collection)]
public sealed class OverviewPageTests(SharedWorkshop shared) : IAsyncLifetime
{
    private OpenWorkshop Workshop => shared.Workshop;

    // The overview shows everything: each test begins with an empty workshop and leaves one with the usual node.
    public async ValueTask InitializeAsync() => await Workshop.EmptyAsync();

    public async ValueTask DisposeAsync()
    {
        await Workshop.EmptyAsync();
        shared.AddUsualNode();
    }

    [Fact]
    public async Task Task_FromSubmitToAnswer_ShowsEachStateWithinASecond()
    {
        Workshop.Queue.AddNode("worker-01");
        var page = await Workshop.OpenAsync();
        await page.Locator("[data-node=worker-01]").WaitForAsync();
        var clock = Stopwatch.StartNew();

        var id = Workshop.Queue.Submit("Create a Python function for fibonacci");
        await page.Locator($"[data-task='{id}'][data-state=queued]").WaitForAsync();
        var shown = clock.Elapsed;
        await page.Locator($"[data-task='{id}'] >> text=fibonacci").WaitForAsync();

        Workshop.Queue.Start(id, "worker-01", slot: 2);
        await page.Locator($"[data-task='{id}'][data-state=running]").WaitForAsync();
        await page.Locator("[data-craftsman='2'].works >> text=fibonacci").WaitForAsync();
        await page.Locator("[data-figure=running] >> text=1 of 4 craftsmen busy").WaitForAsync();

        Workshop.Queue.Finish(id);
        await page.Locator($"[data-task='{id}'][data-state=succeeded]").WaitForAsync();
        await page.Locator("[data-craftsman='2'].rests").WaitForAsync();

        Assert.InRange(shown, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Empty(Workshop.Faults);
    }

    [Fact]
    public async Task Texts_FromTasksAndWorkers_NeverBecomeMarkup()
    {
        const string Hostile = "<img src=x onerror=window.broken=1><script>window.broken=1</script>";
        Workshop.Queue.AddNode(Hostile, shape: node => node.Backends.Add(
            new Backend { Name = Hostile, Detail = Hostile, Models = { Hostile } }));
        Workshop.Queue.Status.Warnings.Add(Hostile);
        var running = Workshop.Queue.Submit(Hostile, spec => spec.Type = Hostile);
        Workshop.Queue.Start(running, Hostile, slot: 1, model: Hostile);
        var failed = Workshop.Queue.Submit(Hostile);
        Workshop.Queue.Fail(failed, Hostile);

        var page = await Workshop.OpenAsync();
        await page.Locator($"[data-task='{failed}'] .task-error").WaitForAsync();
        await page.Locator(".works").WaitForAsync();

        Assert.Equal(Hostile, await page.Locator($"[data-task='{running}'] .task-prompt").TextContentAsync());
        Assert.Equal(0, await page.Locator("main img, main script, .notices img").CountAsync());
        Assert.False(await page.EvaluateAsync<bool>("'broken' in window"));
    }

    [Fact]
    public async Task Simulated_IsSaidOnce_AndWarningsStay()
    {
        const string Simulated = "No model answers here, only examples.";
        Workshop.Queue.AddNode("worker-01", shape: node => node.Backends.Add(
            new Backend { Name = "demo", Simulated = true, Healthy = true, Detail = Simulated }));
        Workshop.Queue.Status.Simulated = true;
        Workshop.Queue.Status.Warnings.AddRange([Simulated, "Only 2 GB are left on the disk."]);

        var page = await Workshop.OpenAsync();
        await page.Locator("[data-notice=simulated]").WaitForAsync();

        Assert.Equal(["Only 2 GB are left on the disk."], await page.Locator("[data-notice=warning]").AllTextContentsAsync());
    }

    [Fact]
    public async Task Scheduler_ThatGoesAndComesBack_IsToldCalmlyAndFollowedAgain()
    {
        var page = await Workshop.OpenAsync();

        await Workshop.Scheduler.CloseAsync();
        await page.Locator("[data-notice=lost]").WaitForAsync();
        await Workshop.Scheduler.OpenAsync();
        await page.Locator("[data-link=live]").WaitForAsync();
        var id = Workshop.Queue.Submit("After the break");

        await page.Locator($"[data-task='{id}']").WaitForAsync();
        Assert.Equal(0, await page.Locator("[data-notice=lost]").CountAsync());
    }

    [Fact]
    public async Task Web_ThatIsKilledAndStartedAgain_HasItsPageBackByItself()
    {
        var page = await Workshop.OpenAsync();

        await Workshop.Web.KillAsync();
        await page.Locator(".reconnect").WaitForAsync(new() { State = WaitForSelectorState.Visible });
        await Workshop.Web.OpenAsync();

        // The reload, not the old page: a task submitted now can only be shown by the new process.
        var id = Workshop.Queue.Submit("After the restart");
        await page.Locator($"[data-task='{id}']").WaitForAsync();
    }

    [Fact]
    public async Task Theme_FollowsTheSystem_UntilItIsSwitched_AndIsKept()
    {
        var page = await Workshop.OpenAsync(theme: ColorScheme.Dark);
        await page.Locator("html[data-theme=dark][data-theme-choice=system]").WaitForAsync();

        await page.Locator("[data-theme-switch]").ClickAsync();
        await page.Locator("html[data-theme=light]").WaitForAsync();
        await page.ReloadAsync();

        await page.Locator("html[data-theme=light][data-theme-choice=light]").WaitForAsync();
    }

    [Fact]
    public async Task Language_Switched_StaysThroughLiveUpdates()
    {
        Workshop.Queue.AddNode("worker-01");
        var page = await Workshop.OpenAsync();

        await page.Locator("[data-language=ja]").ClickAsync();
        await page.Locator("html[lang=ja][data-interactive]").WaitForAsync();
        var id = Workshop.Queue.Submit("議事録を五文で要約してください");
        Workshop.Queue.Start(id, "worker-01", slot: 1);

        await page.Locator($"[data-task='{id}'] >> text=実行中").WaitForAsync();
        await page.Locator("[data-figure=running] >> text=職人 4 人のうち 1 人が作業中").WaitForAsync();
    }

    [Fact]
    public async Task Phone_ShowsAllWithoutScrollingSideways()
    {
        Workshop.Queue.AddNode("worker-with-a-rather-long-name-01.Workshop.example");
        Workshop.Queue.Submit("Averylongwordwithoutanyspace" + new string('x', 150));

        var page = await Workshop.OpenAsync(width: 360, height: 740);
        await page.Locator(".task-line").WaitForAsync();

        Assert.Equal(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Fact]
    public async Task FirstCall_IsCopiedByItsButton()
    {
        var page = await Workshop.OpenAsync();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);

        await page.Locator("[data-copy=copy-first]").ClickAsync();
        await page.Locator("[data-copy=copy-first][data-copied]").WaitForAsync();

        var copied = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.StartsWith("curl -X POST http://localhost:8765/task/delegate", copied, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FirstCall_ThroughTheGateway_NamesTheAddressThatTheBrowserUsed()
    {
        var page = await Workshop.OpenAsync();

        await page.SetExtraHTTPHeadersAsync(new Dictionary<string, string>
        {
            ["X-Forwarded-Host"] = "forge.lan:8765",
            ["X-Forwarded-Proto"] = "http",
        });
        await page.ReloadAsync();

        await page.Locator("pre >> text=http://forge.lan:8765/task/delegate").WaitForAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, "en", 1280)]
    [InlineData(ColorScheme.Dark, "ja", 390)]
    public async Task Page_HasNoSeriousFaultForAssistiveTechnology(ColorScheme theme, string language, int width)
    {
        Workshop.Queue.AddNode("worker-01", shape: node => node.Backends.Add(
            new Backend { Name = "demo", Simulated = true, Healthy = false, Detail = "Start it with `ollama serve`." }));
        Workshop.Queue.Status.Simulated = true;
        Workshop.Queue.Status.Warnings.Add("Only 2 GB are left on the disk.");
        var id = Workshop.Queue.Submit("Summarise the minutes");
        Workshop.Queue.Start(id, "worker-01", slot: 1);
        Workshop.Queue.Fail(Workshop.Queue.Submit("Draw a circle"), "Out of memory: `--max-workers 2`.");
        Workshop.Queue.Finish(Workshop.Queue.Submit("Say hello"));

        var page = await Workshop.OpenAsync(language: language, theme: theme, width: width);
        await page.Locator(".works").WaitForAsync();

        AssertNoSeriousFault(await page.RunAxe());
    }

    private static void AssertNoSeriousFault(AxeResult result) => Assert.Empty(result.Violations
        .Where(fault => fault.Impact is "serious" or "critical")
        .Select(fault => $"{fault.Id}: {string.Join(" | ", fault.Nodes.Select(node => node.Html))}"));
}
