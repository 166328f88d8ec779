using Koubou.Web.Tests.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Screenshots;

/// <summary>Not a test: makes pictures of every page, when docs/screenshots/make.sh asks for them.</summary>
[Collection(SharedWorkshop.Collection)]
public sealed class ScreenshotMaker(SharedWorkshop shared)
{
    internal static string Folder =>
        Environment.GetEnvironmentVariable("KOUBOU_SCREENSHOTS") ?? throw new InvalidOperationException("KOUBOU_SCREENSHOTS names no folder.");

    [Fact(Explicit = true)]
    public async Task EveryPage()
    {
        var sample = await FillAsync();
        (string Name, string Path)[] pages =
        [
            ("overview", ""), ("tasks", "/tasks"), ("tasks-filtered", "/tasks?state=queued&type=code&order=priority"),
            ("task", $"/tasks/{sample.TaskWithEverything}"), ("task-running", $"/tasks/{sample.RunningTask}"),
            ("task-failed", $"/tasks/{sample.FailedTask}"), ("task-blocked", $"/tasks/{sample.BlockedTask}"),
            ("task-waiting", $"/tasks/{sample.WaitingTask}"), ("task-unknown", "/tasks/nobody"),
            ("submit", "/submit"), ("duplicate", $"/submit?from={sample.TaskWithEverything}"),
            ("batches", "/batches"), ("batch", $"/batches/{SampleWorkshop.Batch}"), ("workers", "/workers"), ("events", "/events"),
            ("dead", "/dead-letter"), ("settings", "/settings"), ("not-found", "/nowhere"),
        ];
        await TakeAllAsync(pages);
    }

    /// <summary>What a newcomer sees: every page of an empty workshop.</summary>
    [Fact(Explicit = true)]
    public async Task EveryEmptyPage()
    {
        await shared.Workshop.EmptyAsync();
        await TakeAllAsync(
        [
            ("empty-overview", ""), ("empty-tasks", "/tasks"), ("empty-batches", "/batches"), ("empty-workers", "/workers"),
            ("empty-events", "/events?kind=cancelled"), ("empty-dead", "/dead-letter"),
        ]);
    }

    /// <summary>What stands on a page for a moment: questions, panels, the notice of a broken connection.</summary>
    [Theory(Explicit = true)]
    [InlineData("laptop-en", "en", ColorScheme.Light, 1440, 900)]
    [InlineData("phone-ja", "ja", ColorScheme.Dark, 390, 844)]
    public async Task EveryMoment(string name, string language, ColorScheme theme, int width, int height)
    {
        await FillAsync();
        var page = await shared.Workshop.OpenAsync("/tasks", language, theme, width, height);
        await page.Locator("[data-pick]").First.CheckAsync();
        await page.Locator("[data-ask=cancel]").ClickAsync();
        await TakeAsync(page, $"moment-bulk-{name}.png");
        await page.Locator("details.fine summary").ClickAsync();
        await TakeAsync(page, $"moment-filters-{name}.png");
        await page.Keyboard.PressAsync("Escape");
        await page.EvaluateAsync("document.getElementById('keys').showModal()");
        await TakeAsync(page, $"moment-keys-{name}.png");
        await page.Keyboard.PressAsync("Escape");
        await shared.Workshop.Web.KillAsync();
        await page.Locator(".reconnect").WaitForAsync(new() { State = WaitForSelectorState.Visible });
        await TakeAsync(page, $"moment-reconnect-{name}.png");
        await shared.Workshop.Web.OpenAsync();
    }

    // The table fills itself as far as it is seen: a picture higher than the window would show its empty rows.
    private static bool IsWhole(string name) => !name.StartsWith("tasks", StringComparison.Ordinal);

    private async Task TakeAllAsync(IReadOnlyCollection<(string Name, string Path)> pages)
    {
        foreach (var (name, path) in pages)
        {
            await TakeAsync($"{name}-laptop-en.png", path, "en", ColorScheme.Light, 1440, 900, whole: IsWhole(name));
            await TakeAsync($"{name}-laptop-ja.png", path, "ja", ColorScheme.Dark, 1440, 900, whole: IsWhole(name));
            await TakeAsync($"{name}-phone-en.png", path, "en", ColorScheme.Dark, 390, 844, whole: IsWhole(name));
            await TakeAsync($"{name}-phone-ja.png", path, "ja", ColorScheme.Light, 390, 844, whole: IsWhole(name));
        }
    }

    private async Task<SampleWorkshop> FillAsync()
    {
        await shared.Workshop.EmptyAsync();
        var sample = new SampleWorkshop(shared.Workshop.Queue);
        sample.Fill();

        // Stays open: while someone watches, what the next pages open with is as new as this.
        var page = await shared.Workshop.OpenAsync();
        await page.Locator("[data-figure=running] .figure-value:not(:text-is('0'))").WaitForAsync();
        return sample;
    }

    private async Task TakeAsync(string file, string path, string language, ColorScheme theme, int width, int height, bool whole = false)
    {
        var page = await shared.Workshop.OpenAsync(path, language, theme, width, height);
        await Expect(page.Locator("k-chart:is(:not([data-drawn])), [aria-busy], k-code[language=python]:not([data-painted]), [data-output=done]:not([data-whole]), .is-writing:not(:has(.prose))"))
            .ToHaveCountAsync(0);
        await TakeAsync(page, file, whole);
        await page.Context.CloseAsync();
    }

    private static Task<byte[]> TakeAsync(IPage page, string file, bool whole = false) => page.ScreenshotAsync(
        new() { Path = Path.Combine(Folder, file), FullPage = whole, Animations = ScreenshotAnimations.Disabled });
}
