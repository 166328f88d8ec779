using Koubou.Contracts;
using Koubou.Web.Tests.Browser;

namespace Koubou.Web.Tests.Pages;

[Collection(SharedWorkshop.Collection)]
public sealed class WorkersPageTests(SharedWorkshop shared)
{
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
