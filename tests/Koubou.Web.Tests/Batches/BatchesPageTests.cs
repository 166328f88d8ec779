using Koubou.Contracts;
using Koubou.Web.Tests.Browser;
using Koubou.Web.Tests.Scripted;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Batches;

[Collection(SharedWorkshop.Collection)]
public sealed class BatchesPageTests(SharedWorkshop shared)
{
    private ScriptedQueue Queue => shared.Workshop.Queue;

    [Fact]
    public async Task Batch_FillsItsBar_AndIsCancelledWhole()
    {
        const string Id = "minutes/2026 <b>";
        var ids = Enumerable.Range(1, 4).Select(number => Queue.Submit($"Part {number}", spec => spec.BatchId = Id)).ToList();
        var page = await shared.Workshop.OpenAsync("/batches");
        var line = page.Locator($"[data-batch='{Id}']");
        await line.Locator("text=0 of 4 finished").WaitForAsync();

        Queue.Finish(ids[0]);
        await line.Locator("text=1 of 4 finished").WaitForAsync();
        await line.Locator("[data-row-link]").ClickAsync();
        await page.Locator("[data-finished='1'] >> text=25 %").WaitForAsync();
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(4);

        await page.Locator("[data-ask=cancel]").ClickAsync();
        await page.Locator("[data-confirm=cancel]").ClickAsync();
        await page.Locator("text=3 changed.").WaitForAsync();
        await page.Locator("[data-finished='4'] [data-count=cancelled]").WaitForAsync();
        Assert.Equal(TaskState.Succeeded, Queue.Find(ids[0]).State);
        Assert.All(ids.Skip(1), id => Assert.Equal(TaskState.Cancelled, Queue.Find(id).State));

        await page.Locator("[data-batch-retry]").ClickAsync();
        await page.Locator("[data-finished='1']").WaitForAsync();
    }

    [Fact]
    public async Task UnknownBatch_IsSaidPlainly()
    {
        var page = await shared.Workshop.OpenAsync("/batches/nobody");

        await page.Locator("[data-blank=batch]").WaitForAsync();
    }
}
