using Deque.AxeCore.Playwright;
using Koubou.Contracts;
using Koubou.Web.Tests.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Pages;

/// <summary>What holds for each page alike.</summary>
[Collection(SharedWorkshop.Collection)]
public sealed class EveryPageTests(SharedWorkshop shared)
{
    private static readonly string[] Places =
    [
        "/tasks", "/tasks/{0}", "/submit", "/workers", "/events", "/dead-letter", "/batches", "/batches/every", "/settings", "/nowhere",
    ];

    [Theory]
    [InlineData(ColorScheme.Light, "en", 1280)]
    [InlineData(ColorScheme.Dark, "ja", 390)]
    public async Task Pages_HaveNoSeriousFaultForAssistiveTechnology(ColorScheme theme, string language, int width)
    {
        // A few rows show all that many show, and axe is slow.
        await shared.Workshop.EmptyAsync();
        shared.AddUsualNode();
        var id = TwoAttempts();
        var faults = new List<string>();
        var page = await shared.Workshop.OpenAsync(Places[0], language, theme, width);
        foreach (var place in Places)
        {
            await GoAsync(page, place, id);
            var result = await page.RunAxe();
            faults.AddRange(result.Violations
                .Where(fault => fault.Impact is "serious" or "critical")
                .Select(fault => $"{place} {fault.Id}: {string.Join(" | ", fault.Nodes.Select(node => node.Html))}"));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task Texts_OnEachPage_NeverBecomeMarkup()
    {
        const string Hostile = "<img src=x onerror=window.broken=1><script>window.broken=1</script>";
        await shared.Workshop.EmptyAsync();
        var queue = shared.Workshop.Queue;
        queue.AddNode(Hostile, shape: node =>
        {
            node.Machine = Hostile;
            node.Version = Hostile;
            node.Capabilities.Add(Hostile);
            node.Backends.Add(new Backend { Name = Hostile, Detail = Hostile, Models = { Hostile }, LoadedModels = { Hostile } });
        });
        queue.Settings.Clear();
        queue.Settings.Add(new Setting { Service = Hostile, Name = Hostile, Value = Hostile });
        queue.Findings.Add(new HealthFinding { Code = Hostile, Message = Hostile, Remedy = $"`{Hostile}`" });
        var failed = Submit();
        queue.Start(failed, Hostile, slot: 1, model: Hostile);
        queue.Shape(failed, record =>
        {
            record.StructuredOutput = Hostile;
            record.Artifacts.Add(new Artifact { Name = Hostile, MediaType = Hostile, Sha256 = Hostile });
            record.Attempts[0].Tried.Add(new TriedBackend { Backend = Hostile, Model = Hostile, Error = new TaskError { Message = Hostile } });
        });
        queue.Fail(failed, Hostile);
        var done = Submit();
        queue.Start(done, Hostile, slot: 1, model: Hostile);
        queue.Finish(done, $"# {Hostile}\n\n[{Hostile}](javascript:window.broken=1)\n\n```{Hostile}\n{Hostile}\n```\n\n| {Hostile} |\n| --- |\n| {Hostile} |");
        var running = Submit(failed);
        queue.Start(running, Hostile, slot: 2, model: Hostile);
        queue.Write(running, Hostile);

        var page = await shared.Workshop.OpenAsync();
        foreach (var place in (string[])
        [
            "", "/tasks", $"/tasks?q={Uri.EscapeDataString(Hostile)}", $"/tasks?type={Uri.EscapeDataString(Hostile)}", $"/tasks/{failed}",
            $"/tasks/{done}", $"/tasks/{running}", $"/submit?from={failed}", "/workers", "/events", $"/events?q={Uri.EscapeDataString(Hostile)}",
            "/dead-letter", "/batches", $"/batches/{Uri.EscapeDataString(Hostile)}", "/settings",
        ])
        {
            await GoAsync(page, place, failed);
            Assert.Equal(0, await page.Locator("img, [onerror], main script, .notices script, a[href^='javascript:']").CountAsync());
            Assert.False(await page.EvaluateAsync<bool>("'broken' in window"));
            Assert.Contains(Hostile, await page.Locator("body").TextContentAsync(), StringComparison.Ordinal);
        }

        await shared.Workshop.EmptyAsync();
        queue.Settings.Clear();
        shared.AddUsualNode();

        string Submit(params string[] after) => queue.Submit(Hostile, spec =>
        {
            (spec.Type, spec.Client, spec.BatchId, spec.SystemPrompt) = (Hostile, Hostile, Hostile, Hostile);
            spec.Labels[Hostile] = Hostile;
            spec.DependsOn.AddRange(after);
        });
    }

    [Fact]
    public async Task Phone_ShowsEachPageWithoutScrollingSideways()
    {
        var id = TwoAttempts();
        var page = await shared.Workshop.OpenAsync(Places[0], width: 360, height: 740);
        foreach (var place in Places)
        {
            await GoAsync(page, place, id);
            Assert.Equal(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        }
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Navigation_LeadsToEachPage(int width)
    {
        var page = await shared.Workshop.OpenAsync(width: width);
        foreach (var place in (string[])["tasks", "submit", "workers", "events"])
        {
            await page.Locator($"[data-place={place}]").ClickAsync();
            await page.Locator($"[data-place={place}].active").WaitForAsync();
            await Expect(page).ToHaveURLAsync($"{shared.Workshop.Web.Dashboard}/{place}");
        }

        await page.Locator("[data-place=overview]").ClickAsync();
        await page.Locator("[data-figure=running]").WaitForAsync();
    }

    private string TwoAttempts()
    {
        var queue = shared.Workshop.Queue;
        var id = queue.Submit("Averylongwordwithoutanyspace" + new string('x', 120), spec => spec.BatchId = "every");
        queue.Start(id, "worker-01", slot: 1);
        queue.Fail(id, "The model is missing: `ollama pull gemma2:2b`.");
        return id;
    }

    private async Task GoAsync(IPage page, string place, string id)
    {
        await page.GotoAsync($"{shared.Workshop.Web.Dashboard}{place.Replace("{0}", id, StringComparison.Ordinal)}");
        await page.Locator("html[data-interactive]").WaitForAsync();
        await page.Locator("[data-row], [data-attempt], [data-form], [data-node], [data-setting], [data-blank]").First.WaitForAsync();
    }
}
