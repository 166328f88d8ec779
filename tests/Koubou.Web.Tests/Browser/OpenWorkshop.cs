using System.Collections.Concurrent;
using Koubou.Web.Tests.Scripted;
using Microsoft.Playwright;

namespace Koubou.Web.Tests.Browser;

/// <summary>A scripted scheduler, the real dashboard before it, and pages of a real browser on that.</summary>
public sealed class OpenWorkshop : IAsyncDisposable
{
    private readonly Chromium _chromium;
    private readonly List<IBrowserContext> _contexts = [];
    private readonly ConcurrentDictionary<IPage, ConcurrentQueue<string>> _faults = [];

    private OpenWorkshop(Chromium chromium, ScriptedScheduler scheduler, WebProcess web)
    {
        _chromium = chromium;
        Scheduler = scheduler;
        Web = web;
    }

    public ScriptedScheduler Scheduler { get; }

    public ScriptedQueue Queue => Scheduler.Queue;

    public WebProcess Web { get; }

    /// <summary>What the browser's console called an error on this page.</summary>
    public IReadOnlyCollection<string> FaultsOf(IPage page) => _faults[page];

    public static async Task<OpenWorkshop> StartAsync(Chromium chromium)
    {
        var scheduler = await ScriptedScheduler.StartAsync();
        return new OpenWorkshop(chromium, scheduler, await WebProcess.StartAsync(scheduler.Address));
    }

    /// <summary>Opens a page and waits until its circuit answers, so that a test never clicks too early.</summary>
    public async Task<IPage> OpenAsync(
        string path = "", string language = "en", ColorScheme theme = ColorScheme.Light, int width = 1280, int height = 800)
    {
        var context = await _chromium.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            Locale = language,
            ColorScheme = theme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            TimezoneId = "Asia/Tokyo",
        });
        _contexts.Add(context);
        var page = await context.NewPageAsync();
        var faults = _faults[page] = [];
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                faults.Enqueue(message.Text);
            }
        };
        await page.GotoAsync($"{Web.Dashboard}{path}");
        await page.Locator("[data-link=live]").WaitForAsync();
        await page.Locator("html[data-interactive]").WaitForAsync();
        return page;
    }

    /// <summary>A browser of its own, without a page; closed with the rest.</summary>
    public async Task<IBrowserContext> NewContextAsync()
    {
        var context = await _chromium.Browser.NewContextAsync();
        _contexts.Add(context);
        return context;
    }

    /// <summary>Closes all pages and removes all tasks, nodes and notices.</summary>
    public async Task EmptyAsync()
    {
        await CloseAsync();
        _faults.Clear();
        Queue.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await Web.DisposeAsync();
        await Scheduler.DisposeAsync();
    }

    private async Task CloseAsync()
    {
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        _contexts.Clear();
    }
}
