using System.Diagnostics;
using System.Globalization;
using Koubou.Web.Tests.Browser;
using Microsoft.Playwright;

namespace Koubou.Web.Tests;

/// <summary>
/// Not tests: what docs/performance.md says of the dashboard. Run with
/// <c>Koubou.Web.Tests -explicit only -class '*Measurements'</c>; a real browser, the real dashboard, scripted events.
/// </summary>
[Collection(SharedWorkshop.Collection)]
public sealed class Measurements(SharedWorkshop shared, ITestOutputHelper output)
{
    private const int Sessions = 50;
    private const int Updates = 100;
    private const int EventsPerSecond = 500;
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(10);

    [Fact(Explicit = true)]
    public async Task FirstLoad()
    {
        var page = await (await NewContextAsync()).NewPageAsync();
        var finished = new System.Collections.Concurrent.ConcurrentQueue<IRequest>();
        page.RequestFinished += (_, request) => finished.Enqueue(request);
        var clock = Stopwatch.StartNew();
        await page.GotoAsync(shared.Workshop.Web.Dashboard.ToString());
        var shown = clock.Elapsed;
        await page.Locator("html[data-interactive]").WaitForAsync();
        var ready = clock.Elapsed;
        var sizes = await Task.WhenAll(finished.Select(async request => (request.Url, Size: await BytesAsync(request))));
        Write($"first load: {sizes.Sum(file => file.Size) / 1024.0:N0} KiB in {sizes.Length} requests, shown after {shown.TotalMilliseconds:N0} ms, answers after {ready.TotalMilliseconds:N0} ms");
        foreach (var (url, size) in sizes.OrderByDescending(file => file.Size).Take(6))
        {
            Write($"  {size / 1024.0:N1} KiB {url.Split('/')[^1]}");
        }

        finished.Clear();
        clock.Restart();
        await page.ReloadAsync();
        await page.Locator("html[data-interactive]").WaitForAsync();
        var again = await Task.WhenAll(finished.Select(BytesAsync));
        Write($"second load: {again.Sum() / 1024.0:N0} KiB, answers after {clock.Elapsed.TotalMilliseconds:N0} ms");
    }

    /// <summary>From the scheduler's commit to the row in the browser, the test's own looking included.</summary>
    [Fact(Explicit = true)]
    public async Task LiveUpdate()
    {
        var page = await (await NewContextAsync()).NewPageAsync();
        await page.GotoAsync(shared.Workshop.Web.Dashboard.ToString());
        await page.Locator("html[data-interactive]").WaitForAsync();
        var times = new List<double>();
        for (var number = 0; number < Updates; number++)
        {
            var clock = Stopwatch.StartNew();
            var id = shared.Workshop.Queue.Submit($"Update {number}");
            await page.Locator($"[data-task='{id}']").WaitForAsync();
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        Write($"live update: p50 {times[Updates / 2]:N0} ms, p95 {times[Updates * 95 / 100]:N0} ms, longest {times[^1]:N0} ms of {Updates}");
    }

    [Fact(Explicit = true)]
    public async Task OpenDashboards()
    {
        await OpenAsync();
        await CostAsync("warm-up", 1);
        await CostAsync("still warming up", 1);
        var one = Memory();
        var alone = await CostAsync("1 page", 1);
        for (var session = 1; session < Sessions; session++)
        {
            await OpenAsync();
        }

        await CostAsync("settling", Sessions);
        var all = Memory();
        var together = await CostAsync($"{Sessions} pages", Sessions);
        Write($"memory: {one / 1e6:N0} MB with 1 page, {all / 1e6:N0} MB with {Sessions}: {(all - one) / 1e6 / (Sessions - 1):N2} MB for each");
        Write($"a page more costs {(together - alone) * 1000 / (Sessions - 1):N2} ms of processor time a second");
    }

    // Seconds of processor time in each second of events.
    private async Task<double> CostAsync(string name, int pages)
    {
        var queue = shared.Workshop.Queue;
        var process = Process.GetProcessById(shared.Workshop.Web.ProcessId);
        var before = process.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var sent = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (clock.Elapsed < Stretch && await timer.WaitForNextTickAsync())
        {
            for (; sent < clock.Elapsed.TotalSeconds * EventsPerSecond && clock.Elapsed < Stretch; sent += 2)
            {
                queue.Finish(queue.Submit($"Task {sent}"));
            }
        }

        process.Refresh();
        var cost = (process.TotalProcessorTime - before).TotalSeconds / clock.Elapsed.TotalSeconds;
        Write($"{name}: {sent / clock.Elapsed.TotalSeconds:N0} events/s cost {cost * 100:N1} % of a core, {cost * 1000 / pages:N1} ms a second for each page");
        return cost;
    }

    private static async Task<long> BytesAsync(IRequest request)
    {
        var sizes = await request.SizesAsync();
        return (long)sizes.ResponseBodySize + sizes.ResponseHeadersSize;
    }

    private long Memory()
    {
        using var process = Process.GetProcessById(shared.Workshop.Web.ProcessId);
        return process.WorkingSet64;
    }

    // Sheets and signs are the browser's cost, not the dashboard's.
    private async Task OpenAsync()
    {
        var page = await (await NewContextAsync()).NewPageAsync();
        await page.RouteAsync("**/*.css", route => route.AbortAsync());
        await page.GotoAsync(shared.Workshop.Web.Dashboard.ToString(), new() { Timeout = 120_000 });
        await page.Locator("html[data-interactive]").WaitForAsync(new() { Timeout = 120_000, State = WaitForSelectorState.Attached });
    }

    private Task<IBrowserContext> NewContextAsync() => shared.Workshop.NewContextAsync();

    private void Write(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
