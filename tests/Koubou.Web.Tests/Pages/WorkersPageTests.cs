using Koubou.Contracts;
using Koubou.Web.Tests.Browser;

namespace Koubou.Web.Tests.Pages;

[Collection(SharedWorkshop.Collection)]
public sealed class WorkersPageTests(SharedWorkshop shared)
{
    [Fact]
    public async Task Node_IsDrainedResumedAndLimited()
    {
        var queue = shared.Workshop.Queue;
        queue.AddNode("worker-91", slots: 4, shape: node => node.Backends.Add(
            new Backend { Name = "ollama", Healthy = true, InFlight = 3, Parallel = 4, CircuitOpen = true }));
        var page = await shared.Workshop.OpenAsync("/workers");
        var sheet = page.Locator("[data-node=worker-91]");
        await sheet.Locator("[data-in-flight] >> text=answers 3, at best 4 at once").WaitForAsync();
        await sheet.Locator("[data-circuit]").WaitForAsync();

        await sheet.Locator("[data-ask=drain]").ClickAsync();
        await sheet.Locator("[data-confirm=drain]").ClickAsync();
        await sheet.Locator(".tag >> text=draining").WaitForAsync();
        await sheet.Locator("[data-resume]").ClickAsync();
        await sheet.Locator("[data-ask=drain]").WaitForAsync();
        await sheet.Locator("[data-limit]").SelectOptionAsync("2");
        await sheet.Locator("text=0 busy of 2, at most 2").WaitForAsync();

        Assert.Equal([true, true, true], queue.Controls.Where(control => control.NodeId == "worker-91")
            .Select(control => control.Drain || control.Resume || control.SlotsMax == 2));
    }

    [Fact]
    public async Task Nodes_ShowBackendsModelsAndWhatTheyDo()
    {
        const string Hostile = "<img src=x onerror=window.broken=1>";
        var queue = shared.Workshop.Queue;
        var node = queue.AddNode("worker-90", slots: 2, shape: node =>
        {
            node.Machine = Hostile;
            node.Backends.Add(new Backend { Name = "ollama", Healthy = true, Models = { "a", "b" }, LoadedModels = { "b" } });
            node.Backends.Add(new Backend { Name = Hostile, Detail = "Sign in: `codex login`." });
        });
        var id = queue.Submit("Polish the blade");
        queue.Start(id, "worker-90", slot: 2);

        var page = await shared.Workshop.OpenAsync("/workers");

        var sheet = page.Locator($"[data-node='{node.Id}']");
        await sheet.Locator("[data-model=b] >> text=loaded").WaitForAsync();
        await sheet.Locator("code >> text=codex login").WaitForAsync();
        await sheet.Locator($"[data-craftsman='2'] a[href='tasks/{id}'] >> text=Polish the blade").WaitForAsync();
        Assert.Equal(0, await page.Locator("main img").CountAsync());
        await sheet.Locator("a[href='tasks?worker=worker-90']").ClickAsync();
        await page.Locator($"[data-row][data-task='{id}']").WaitForAsync();
        queue.Finish(id);
    }
}
