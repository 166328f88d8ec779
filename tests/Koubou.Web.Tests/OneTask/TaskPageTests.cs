using Koubou.Contracts;
using Koubou.Web.Tests.Browser;
using Koubou.Web.Tests.Scripted;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.OneTask;

[Collection(SharedWorkshop.Collection)]
public sealed class TaskPageTests(SharedWorkshop shared)
{
    private static readonly HttpClient Http = new();

    private ScriptedQueue Queue => shared.Workshop.Queue;

    [Fact]
    public async Task Task_FromTheForm_StreamsItsAnswerAndEnds()
    {
        var page = await shared.Workshop.OpenAsync("/submit");
        await page.Locator("#prompt").FillAsync("Write a haiku about 'queues'");
        await page.Locator("#prompt").PressAsync("Tab");
        await page.Locator("#type").SelectOptionAsync("code");
        await Expect(page.Locator("#copy-curl")).ToContainTextAsync("\"type\": \"code\"");
        await Expect(page.Locator("#copy-curl")).ToContainTextAsync(@"'\''queues'\''");
        await page.Locator("[data-form=submit] button[type=submit]").ClickAsync();
        await page.Locator("[data-task][data-state=queued]").WaitForAsync();
        var id = page.Url.Split('/')[^1];
        Assert.Equal(("code", "dashboard"), (Queue.Find(id).Spec.Type, Queue.Find(id).Spec.Client));

        Queue.Start(id, "worker-01", slot: 1);
        await page.Locator("[data-state=running]").WaitForAsync();
        Queue.Write(id, "# Haiku\n\nOne **line");
        await page.Locator("[data-output=open] [role=heading] >> text=Haiku").WaitForAsync();
        Queue.Write(id, "** grows");
        await page.Locator("[data-output=open] strong >> text=line").WaitForAsync();
        Queue.Finish(id, "# Haiku\n\nOne **line** grows, and ends.");

        await page.Locator("[data-output=done] >> text=and ends.").WaitForAsync();
        await page.Locator("[data-attempt='1'][data-outcome=Succeeded]").WaitForAsync();
    }

    [Fact]
    public async Task Form_WithFaults_ShowsEachAtItsField()
    {
        var page = await shared.Workshop.OpenAsync("/submit");
        Queue.SubmitFaults["tasks[0].prompt"] = "has no word";
        Queue.SubmitFaults["tasks[0].model"] = "is not known";
        try
        {
            await page.Locator("#prompt").FillAsync("x");
            await page.Locator("[data-form=submit] button[type=submit]").ClickAsync();

            await Expect(page.Locator("[data-field=prompt] .field-fault")).ToHaveTextAsync("has no word");
            await Expect(page.Locator("[data-field=model] .field-fault")).ToHaveTextAsync("is not known");
        }
        finally
        {
            Queue.SubmitFaults.Clear();
        }
    }

    [Fact]
    public async Task Form_HalfWritten_SurvivesARestartOfTheDashboard()
    {
        var workshop = shared.Workshop;
        var page = await workshop.OpenAsync("/submit");
        await page.Locator("#type").SelectOptionAsync("code");
        await page.Locator("details.fold summary").ClickAsync();
        await page.Locator("#labels").FillAsync("project=apollo");
        await page.Locator("#deadline").FillAsync("2030-01-02T03:04");
        await page.Locator("#depends_on").FillAsync("0198c0de-0000-7000-8000-000000000000");
        await page.Locator("#depends_on").PressAsync("Tab");
        await page.Locator("#run_if_dependency_failed").CheckAsync();
        await page.Locator("#data_policy").SelectOptionAsync("Private");
        // Nothing has left this field yet: the server does not know what stands in it.
        await page.Locator("#prompt").FillAsync("Summarise the minutes,\nall of");
        await page.EvaluateAsync("document.documentElement.dataset.before = ''");

        await workshop.Web.KillAsync();
        await page.Locator(".reconnect").WaitForAsync(new() { State = WaitForSelectorState.Visible });
        await page.Locator("#prompt").PressSequentiallyAsync(" them");
        await workshop.Web.OpenAsync();
        await page.Locator("html[data-interactive]:not([data-before])").WaitForAsync();

        await Expect(page.Locator("#copy-curl")).ToContainTextAsync("\"prompt\": \"Summarise the minutes,\\nall of them\"");
        await Expect(page.Locator("#copy-curl")).ToContainTextAsync("\"run_if_dependency_failed\": true");
        await Expect(page.Locator("#copy-curl")).ToContainTextAsync("\"deadline\": \"2030-01-01T18:04:00Z\"");
        await Expect(page.Locator("#copy-curl")).ToContainTextAsync("\"data_policy\": \"private\"");
        await page.Locator("[data-form=submit] button[type=submit]").ClickAsync();
        await page.Locator("[data-task]").WaitForAsync();
        var spec = Queue.Find(page.Url.Split('/')[^1]).Spec;
        Assert.Equal(("code", "Summarise the minutes,\nall of them", "apollo"), (spec.Type, spec.Prompt, spec.Labels["project"]));
        await workshop.EmptyAsync();
        shared.AddUsualNode();
    }

    [Fact]
    public async Task Cancel_ThenRetry_AreSeenAtOnce_AndTheNewAnswerReplacesTheOld()
    {
        var id = Queue.Submit("Count to ten");
        Queue.Start(id, "worker-01", slot: 2);
        Queue.Write(id, "one, two");
        var page = await shared.Workshop.OpenAsync($"/tasks/{id}");
        await page.Locator("[data-output=open] >> text=one, two").WaitForAsync();

        await page.Locator("[data-ask=cancel]").ClickAsync();
        await page.Locator("[data-confirm=cancel]").ClickAsync();
        await page.Locator("[data-state=cancelled]").WaitForAsync();
        Assert.Equal(TaskState.Cancelled, Queue.Find(id).State);

        await page.Locator("[data-retry]").ClickAsync();
        await page.Locator("[data-state=queued]").WaitForAsync();
        Queue.Start(id, "worker-01", slot: 2);
        Queue.Write(id, "uno");
        await Expect(page.Locator("[data-output=open]")).ToHaveTextAsync("uno");
        Queue.Finish(id, "uno, dos");
        await Expect(page.Locator("[data-output=done]")).ToHaveTextAsync("uno, dos");
    }

    [Fact]
    public async Task Duplicate_FillsTheForm()
    {
        var id = Queue.Submit("Draft the letter", spec =>
        {
            spec.Type = "code";
            spec.Model = "gemma2:2b";
            spec.Labels["project"] = "apollo";
        });
        var page = await shared.Workshop.OpenAsync($"/tasks/{id}");

        await page.Locator("[data-duplicate]").ClickAsync();

        await Expect(page.Locator("#prompt")).ToHaveValueAsync("Draft the letter");
        await Expect(page.Locator("#type")).ToHaveValueAsync("code");
        await Expect(page.Locator("#model")).ToHaveValueAsync("gemma2:2b");
        await Expect(page.Locator("#labels")).ToHaveValueAsync("project=apollo");
    }

    [Fact]
    public async Task Texts_OfATask_NeverBecomeMarkup()
    {
        const string Hostile = "<img src=x onerror=window.broken=1><script>window.broken=1</script>";
        var id = Queue.Submit(Hostile, spec =>
        {
            spec.Labels[Hostile] = Hostile;
            spec.Client = Hostile;
            spec.SystemPrompt = Hostile;
        });
        Queue.Start(id, "worker-01", slot: 3, model: Hostile);
        Queue.Finish(id, Hostile + "\n\n[click](javascript:window.broken=1)\n\n```html\n" + Hostile + "\n```");
        var page = await shared.Workshop.OpenAsync($"/tasks/{id}");
        await page.Locator("[data-output=done] figure").WaitForAsync();

        Assert.Equal(0, await page.Locator("main img, main script, [data-output] a").CountAsync());
        await page.GotoAsync($"{shared.Workshop.Web.Dashboard}/events");
        await page.Locator("[data-event]").First.WaitForAsync();
        Assert.Equal(0, await page.Locator("main img, main script").CountAsync());
        Assert.False(await page.EvaluateAsync<bool>("'broken' in window"));
    }

    [Fact]
    public async Task Code_IsColouredWithoutTouchingItsText_AndTheTraceLeadsToItsViewer()
    {
        const string Program = "def area(r):\n    # <b>round</b>\n    return 3.14 * r ** 2";
        var id = Queue.Submit("Area of a circle", spec =>
        {
            spec.TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
            spec.BatchId = "circles";
        });
        Queue.Start(id, "worker-01", slot: 1);
        Queue.Shape(id, record => record.Attempts[0].Tried.Add(new TriedBackend
        {
            Backend = "codex", Error = new TaskError { Message = "Sign in: `codex login`." },
        }));
        Queue.Finish(id, $"Here:\n\n```python\n{Program}\n```");
        var page = await shared.Workshop.OpenAsync($"/tasks/{id}");

        await page.Locator("[data-output=done] k-code[data-painted] pre").WaitForAsync();
        Assert.True(await page.EvaluateAsync<int>("CSS.highlights.get('code-word').size") >= 2);
        Assert.Equal(Program, await page.Locator("[data-output=done] k-code pre").TextContentAsync());
        Assert.Equal(0, await page.Locator("k-code b, k-code span").CountAsync());
        await Expect(page.Locator("[data-trace]")).ToHaveAttributeAsync("href", "http://traces.example/trace/4bf92f3577b34da6a3ce929d0e0e4736");
        await page.Locator("[data-tried=codex] code >> text=codex login").WaitForAsync();
        await page.Locator(".facts a >> text=circles").WaitForAsync();
        Assert.Empty(shared.Workshop.FaultsOf(page));
    }

    [Fact]
    public async Task File_OfATask_IsADownload_WhateverItIs()
    {
        const string Name = "reports/図 1 & more.html";
        var bytes = System.Text.Encoding.UTF8.GetBytes("<script>alert(1)</script>" + new string('x', 5_000));
        Queue.Files[Name] = bytes;
        var id = Queue.Submit("Make a report");
        Queue.Start(id, "worker-01", slot: 1);
        Queue.Shape(id, record => record.Artifacts.Add(
            new Artifact { Name = Name, MediaType = "text/html", SizeBytes = bytes.Length, Sha256 = "abc" }));
        Queue.Finish(id);
        var page = await shared.Workshop.OpenAsync($"/tasks/{id}");

        var link = page.Locator($"[data-artifact='{Name}'] a");
        var download = await page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
        var href = await link.GetAttributeAsync("href");
        using var answer = await Http.GetAsync(new Uri($"{shared.Workshop.Web.Dashboard}/{href}"));
        using var missing = await Http.GetAsync(new Uri($"{shared.Workshop.Web.Dashboard}/artifacts/{id}/nothing"));

        Assert.Equal(bytes, await File.ReadAllBytesAsync(await download.PathAsync()));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(System.Net.HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task EqualCalls_OfTheForm_AreShownForEachDoor()
    {
        var page = await shared.Workshop.OpenAsync("/submit");
        await page.Locator("#prompt").FillAsync("Write a haiku");
        await page.Locator("details.fold summary").ClickAsync();
        await page.Locator("#deadline").FillAsync("2030-01-02T03:04");
        await page.Locator("#deadline").PressAsync("Tab");

        // The browser sits in Tokyo.
        await Expect(page.Locator("#copy-curl")).ToContainTextAsync("\"deadline\": \"2030-01-01T18:04:00Z\"");
        await page.Locator("[data-door=GraphQl]").ClickAsync();
        await Expect(page.Locator("#copy-graphql")).ToContainTextAsync("prompt: \"Write a haiku\"");
        await page.Locator("#data_policy").SelectOptionAsync("Private");
        await page.Locator("[data-door=Mcp]").ClickAsync();
        await Expect(page.Locator("#copy-mcp")).ToContainTextAsync("\"name\": \"delegate\"");
        await Expect(page.Locator("#copy-mcp")).Not.ToContainTextAsync("data_policy");
        await Expect(page.Locator("[data-withheld]")).ToContainTextAsync("data_policy");
    }

    [Fact]
    public async Task UnknownId_IsSaidPlainly()
    {
        var page = await shared.Workshop.OpenAsync("/tasks/0198c0de-0000-7000-8000-000000000000");

        await page.Locator("[data-blank=task]").WaitForAsync();
    }

    [Fact]
    public async Task Page_AfterTheScheduler_WasAway_GoesOnByItself()
    {
        var id = Queue.Submit("Survives a break");
        Queue.Start(id, "worker-01", slot: 4);
        Queue.Write(id, "before");
        var page = await shared.Workshop.OpenAsync($"/tasks/{id}");
        await page.Locator("[data-output=open] >> text=before").WaitForAsync();

        await shared.Workshop.Scheduler.CloseAsync();
        await page.Locator("[data-notice=lost]").WaitForAsync();
        await shared.Workshop.Scheduler.OpenAsync();
        Queue.Finish(id, "before and after");

        await Expect(page.Locator("[data-output=done]")).ToHaveTextAsync("before and after");
    }
}
