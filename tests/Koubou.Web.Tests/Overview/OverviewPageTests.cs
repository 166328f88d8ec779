using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Web.Tests.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

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
    public async Task Task_FromSubmitToAnswer_ShowsEachState()
    {
        Workshop.Queue.AddNode("worker-01");
        var page = await Workshop.OpenAsync();
        await page.Locator("[data-node=worker-01]").WaitForAsync();

        var id = Workshop.Queue.Submit("Create a Python function for fibonacci");
        await page.Locator($"[data-task='{id}'][data-state=queued]").WaitForAsync();
        await page.Locator($"[data-task='{id}'] >> text=fibonacci").WaitForAsync();

        Workshop.Queue.Start(id, "worker-01", slot: 2);
        await page.Locator($"[data-task='{id}'][data-state=running]").WaitForAsync();
        await page.Locator("[data-craftsman='2'].works >> text=fibonacci").WaitForAsync();
        await page.Locator("[data-figure=running] >> text=1 of 4 craftsmen busy").WaitForAsync();

        Workshop.Queue.Finish(id);
        await page.Locator($"[data-task='{id}'][data-state=succeeded]").WaitForAsync();
        await page.Locator("[data-craftsman='2'].rests").WaitForAsync();

        Assert.Empty(Workshop.FaultsOf(page));
    }

    [Fact]
    public async Task Texts_FromTasksAndWorkers_NeverBecomeMarkup()
    {
        const string Hostile = "<img src=x onerror=window.broken=1><script>window.broken=1</script>";
        Workshop.Queue.AddNode(Hostile, shape: node => node.Backends.Add(
            new Backend { Name = Hostile, Detail = Hostile, Models = { Hostile } }));
        Workshop.Queue.Findings.Add(new HealthFinding { Code = Hostile, Message = Hostile, Remedy = Hostile });
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
        Workshop.Queue.Findings.Add(new HealthFinding { Code = "simulated", Message = Simulated });
        Workshop.Queue.Findings.Add(new HealthFinding { Code = "disk_low", Message = "Only 2 GB are left on the disk." });

        var page = await Workshop.OpenAsync();
        await page.Locator("[data-notice=simulated]").WaitForAsync();

        // The process may still show for a moment what an earlier test found.
        await Expect(page.Locator("[data-notice=finding] [lang=en]")).ToHaveTextAsync(["Only 2 GB are left on the disk."]);
        await Expect(page.Locator("[data-notice=finding] strong")).ToHaveTextAsync("The disk is nearly full");
    }

    [Fact]
    public async Task Numbers_OfTheLastHour_BecomeFiguresAndCharts_AndFollow()
    {
        var now = DateTimeOffset.UtcNow;
        Workshop.Queue.Minutes.AddRange(Enumerable.Range(0, 60).Select(minute => new MetricsPoint
        {
            At = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddMinutes(minute - 60)),
            Started = 3,
            Succeeded = 2,
            Failed = minute % 20 == 0 ? 1 : 0,
            WaitMedian = 0.5,
            WaitP95 = 2,
            PromptTokens = 50_000,
            CompletionTokens = 10_000,
            LocalTokens = 60_000,
            Slots = 4,
            SlotsBusy = 3,
        }));
        Workshop.Queue.Submit("One", spec => (spec.Type, spec.Priority) = ("code", 8));
        Workshop.Queue.Submit("Two", spec => (spec.Type, spec.Priority) = ("code", 3));
        var page = await Workshop.OpenAsync();

        await page.Locator("[data-chart=throughput] [data-drawn='60'] path.dye-pine").WaitForAsync();
        await page.Locator("[data-chart=waits] path.dye-ochre[d^=M]").WaitForAsync(
            new() { State = WaitForSelectorState.Attached });
        await Expect(page.Locator("[data-chart=throughput] k-chart")).ToHaveAttributeAsync(
            "aria-label", "Answers a minute. 120 done, 3 failed in this time.");
        await Expect(page.Locator("[data-figure=local] .figure-value")).ToHaveTextAsync("3,600,000");
        // 3 million read at 3, 0.6 million written at 15.
        await Expect(page.Locator("[data-figure=saved] .figure-value")).ToHaveTextAsync("18.00 USD");
        await Expect(page.Locator("[data-figure=occupancy] .figure-value")).ToHaveTextAsync("75%");
        await Expect(page.Locator("[data-waiting-type=code]")).ToContainTextAsync("P8 × 1");

        Workshop.Queue.Minutes[^1].Succeeded = 32;
        await Expect(page.Locator("[data-chart=throughput] k-chart")).ToHaveAttributeAsync(
            "aria-label", "Answers a minute. 150 done, 3 failed in this time.");
        await page.Locator("[data-chart=throughput] k-chart").HoverAsync();
        await page.Locator(".chart-hint >> text=Done 2").WaitForAsync();
        await page.Locator("[data-range=day]").ClickAsync();
        await page.Locator("[data-chart=throughput] >> text=Answers in 15 minutes").WaitForAsync();
        Assert.Empty(Workshop.FaultsOf(page));
    }

    [Fact]
    public async Task DoneToday_BeginsAtTheMidnightOfTheBrowser()
    {
        // The browser is in Tokyo.
        var today = new DateTimeOffset(DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(9)).Date, TimeSpan.FromHours(9));
        Workshop.Queue.Minutes.Add(new MetricsPoint { At = Timestamp.FromDateTimeOffset(today.AddMinutes(-15)), Succeeded = 50, Failed = 5 });
        Workshop.Queue.Minutes.Add(new MetricsPoint { At = Timestamp.FromDateTimeOffset(today), Succeeded = 8, Failed = 1 });
        var page = await Workshop.OpenAsync();

        await Expect(page.Locator("[data-figure=done] .figure-value")).ToHaveTextAsync("8");
        await Expect(page.Locator("[data-figure=failed] .figure-value")).ToHaveTextAsync("1");
        await Expect(page.Locator("[data-figure=done]")).ToContainTextAsync("since midnight");
    }

    [Fact]
    public async Task Finding_IsSaidWithTheCommandThatMendsIt()
    {
        Workshop.Queue.Findings.Add(new HealthFinding
        {
            Severity = Severity.Error,
            Code = "disk_low",
            Message = "Only 200 MB are left on the disk.",
            Remedy = "Remove old tasks: `koubou purge`.",
        });
        var page = await Workshop.OpenAsync();

        await page.Locator("[data-notice=finding][data-code=disk_low] code >> text=koubou purge").WaitForAsync();
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
        await page.Locator("[data-range=day]").ClickAsync();
        await page.Locator("[data-range=day][aria-pressed=true]").WaitForAsync();

        await Workshop.Web.KillAsync();
        await page.Locator(".reconnect").WaitForAsync(new() { State = WaitForSelectorState.Visible });
        await Workshop.Web.OpenAsync();

        // The reload, not the old page: a task submitted now can only be shown by the new process.
        var id = Workshop.Queue.Submit("After the restart");
        await page.Locator($"[data-task='{id}']").WaitForAsync();
        await page.Locator("[data-range=day][aria-pressed=true]").WaitForAsync();
    }

    [Fact]
    public async Task Japanese_SaysFindingsAndErrorsByTheirCodes_AndKeepsWhatWasSaid()
    {
        Workshop.Queue.Findings.Add(new HealthFinding
        {
            Severity = Severity.Error,
            Code = "disk_low",
            Message = "The disk of /srv/koubou has 90 MiB left.",
            Remedy = "Make room.",
            Args = { ["path"] = "/srv/koubou", ["mebibytes"] = "90" },
        });
        Workshop.Queue.Findings.Add(new HealthFinding
        {
            Severity = Severity.Error, Code = "backend_unhealthy", Message = "The server said: no route.", Args = { ["detail_code"] = "backend_unreachable" },
        });
        var page = await Workshop.OpenAsync(language: "ja");

        await Expect(page.Locator("[data-code=disk_low]")).ToContainTextAsync("/srv/koubou のディスクの残りは 90 MiB です");
        await Expect(page.Locator("[data-code=disk_low]")).Not.ToContainTextAsync("Make room");
        await Expect(page.Locator("[data-code=backend_unhealthy]")).ToContainTextAsync("バックエンドに接続できません");
        await Expect(page.Locator("[data-code=backend_unhealthy] [lang=en]")).ToHaveTextAsync("The server said: no route. ");
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
        Workshop.Queue.Findings.Add(new HealthFinding { Code = "disk_low", Message = "Only 2 GB are left on the disk." });
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
