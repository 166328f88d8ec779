using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Whole;

/// <summary>The pages on the real scheduler and a real worker node: what the scripted ones could get wrong together.</summary>
[Collection(WholeWorkshop.Collection)]
public sealed class WholeWorkshopTests(WholeWorkshop workshop)
{
    private static readonly LocatorWaitForOptions Patiently = new() { Timeout = 60_000 };

    [Fact]
    public async Task Task_FromTheForm_IsAnsweredByARealWorker_AndCounted()
    {
        var page = await workshop.OpenAsync("/submit");
        await page.Locator("#prompt").FillAsync("Create a Python function for fibonacci");
        await page.Locator("[data-form=submit] button[type=submit]").ClickAsync();

        await page.Locator("[data-output=done]").WaitForAsync(Patiently);
        await page.Locator("[data-state=succeeded]").WaitForAsync();
        await page.Locator("[data-simulated]").WaitForAsync();
        await page.Locator("[data-attempt='1'][data-outcome=Succeeded]").WaitForAsync();

        await page.Locator("[data-place=overview]").ClickAsync();
        await page.Locator("[data-chart=throughput] [data-drawn] path.dye-pine[d^=M]").WaitForAsync(Patiently);
        await Expect(page.Locator("[data-figure=occupancy] .figure-value")).Not.ToHaveTextAsync("–");
    }

    [Fact]
    public async Task Gateway_ThatIsKilledAndStartedAgain_FindsThePageAsItWas()
    {
        var page = await workshop.OpenAsync("/submit");
        await page.Locator("#type").SelectOptionAsync("code");
        await page.Locator("#prompt").FillAsync("Half a sentence");
        await page.EvaluateAsync("document.documentElement.dataset.before = ''");

        await workshop.KillGatewayAsync();
        await page.Locator(".reconnect").WaitForAsync(new() { State = WaitForSelectorState.Visible });
        await workshop.OpenGatewayAsync();
        await page.Locator(".reconnect").WaitForAsync(new() { State = WaitForSelectorState.Hidden, Timeout = 60_000 });

        // The same page with the same circuit: it answers, and nothing was loaded anew.
        await page.Locator("#prompt").PressSequentiallyAsync(", and the rest");
        await page.Locator("#prompt").PressAsync("Tab");
        await Expect(page.Locator("#copy-curl")).ToContainTextAsync("Half a sentence, and the rest");
        await Expect(page.Locator("#copy-curl")).ToContainTextAsync("\"type\": \"code\"");
        await page.Locator("html[data-before]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    [Fact]
    public async Task Batch_OfTheRealQueue_FillsAndIsCancelledWhole()
    {
        var request = new SubmitRequest();
        request.Tasks.AddRange(Enumerable.Range(1, 3).Select(number => new TaskSpec
        {
            Prompt = $"Part {number}",
            BatchId = "whole",
            NotBefore = number == 1 ? null : Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(1)),
        }));
        await workshop.Queue.SubmitAsync(request);
        var page = await workshop.OpenAsync("/batches");
        await page.Locator("[data-batch=whole] >> text=1 of 3 finished").WaitForAsync(Patiently);

        await page.Locator("[data-batch=whole] [data-row-link]").ClickAsync();
        await page.Locator("[data-ask=cancel]").ClickAsync();
        await page.Locator("[data-confirm=cancel]").ClickAsync();

        await page.Locator("text=2 changed.").WaitForAsync();
        await page.Locator("[data-finished='3']").WaitForAsync();
        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Tasks_AreSortedByTheRealQueue_AndChangedByTheWholeFilter()
    {
        var later = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(1));
        var request = new SubmitRequest();
        request.Tasks.AddRange(new[] { 3, 9, 6 }.Select(priority => new TaskSpec
        {
            Prompt = $"Priority {priority}", Priority = priority, NotBefore = later, Labels = { ["for"] = "sorting" },
        }));
        await workshop.Queue.SubmitAsync(request);
        var page = await workshop.OpenAsync("/tasks?label=for%3Dsorting");
        await Expect(page.Locator("[data-row-link]")).ToHaveTextAsync(["Priority 6", "Priority 9", "Priority 3"]);

        await page.Locator("[data-order]").SelectOptionAsync("priority");
        await Expect(page.Locator("[data-row-link]")).ToHaveTextAsync(["Priority 9", "Priority 6", "Priority 3"]);
        await page.Locator("[data-pick]").First.CheckAsync();
        await page.Locator("[data-bulk-all]").ClickAsync();
        await page.Locator("[data-ask=cancel]").ClickAsync();
        await page.Locator("[data-confirm=cancel]").ClickAsync();

        await page.Locator("text=3 changed.").WaitForAsync();
        await Expect(page.Locator("[data-row][data-state=cancelled]")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Dependencies_AreDrawn_AndLeadOn()
    {
        var reply = await workshop.Queue.SubmitAsync(new SubmitRequest
        {
            Tasks =
            {
                new TaskSpec { Prompt = "Gather", BatchId = "graph" },
                new TaskSpec { Prompt = "Write", BatchId = "graph", DependsOn = { "#0" } },
                new TaskSpec { Prompt = "Check", BatchId = "graph", DependsOn = { "#0", "#1" } },
            },
        });
        var ids = reply.Receipts.Select(receipt => receipt.Id).ToList();
        var page = await workshop.OpenAsync($"/tasks/{ids[1]}");

        await page.Locator("[data-graph='3']").WaitForAsync();
        await page.Locator($"[data-graph-node='{ids[2]}']").ClickAsync();
        await page.Locator($"[data-graph-node='{ids[2]}'][aria-current]").WaitForAsync();
        await page.Locator("[data-state=succeeded] >> nth=0").WaitForAsync(Patiently);
    }

    [Fact]
    public async Task Node_IsDrainedAndResumed_BySettingsThatAreShown()
    {
        var page = await workshop.OpenAsync("/workers");
        var sheet = page.Locator("[data-node=worker-01]");
        await sheet.Locator("[data-ask=drain]").ClickAsync();
        await sheet.Locator("[data-confirm=drain]").ClickAsync();
        await sheet.Locator(".tag >> text=draining").WaitForAsync(Patiently);
        await sheet.Locator("[data-resume]").ClickAsync();
        await sheet.Locator("[data-ask=drain]").WaitForAsync(Patiently);
        await sheet.Locator("[data-limit]").SelectOptionAsync("2");
        await sheet.Locator("text=at most 2").WaitForAsync(Patiently);

        await page.Locator("[data-place=settings]").ClickAsync();
        await page.Locator("[data-service=scheduler] [data-setting]").First.WaitForAsync();
    }

    [Fact]
    public async Task DeadLetter_OfTheRealQueue_IsReplayedAndPurged()
    {
        await using var node = await ScriptedNode.JoinAsync(workshop.Scheduler, "brittle");
        await workshop.Queue.SubmitAsync(new SubmitRequest { Tasks = { new TaskSpec { Type = "brittle", Prompt = "Breaks" } } });
        await node.FailAsync(await node.TakeAsync(), "model_missing", "Pull it: `ollama pull gemma2:2b`.");
        var page = await workshop.OpenAsync("/dead-letter?type=brittle");
        await page.Locator("[data-row] code >> text=ollama pull gemma2:2b").WaitForAsync();

        await page.Locator("[data-ask=replay]").ClickAsync();
        await page.Locator("[data-confirm=replay]").ClickAsync();
        await page.Locator("[data-blank=rows]").WaitForAsync();
        await node.FailAsync(await node.TakeAsync(), "model_missing", "Again.");
        await page.Locator("[data-row] >> text=Again.").WaitForAsync();
        await page.Locator("[data-purge-age]").SelectOptionAsync("0");
        await page.Locator("[data-ask=purge]").ClickAsync();
        await page.Locator("[data-confirm=purge]").ClickAsync();

        await page.Locator("text=1 changed.").WaitForAsync();
        await page.Locator("[data-blank=rows]").WaitForAsync();
    }
}
