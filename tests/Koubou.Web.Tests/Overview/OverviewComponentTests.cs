using Bunit;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Web.Live;
using Koubou.Web.Pages.Overview;
using Koubou.Web.Security;
using Koubou.Web.Shell;
using Microsoft.Extensions.DependencyInjection;

namespace Koubou.Web.Tests.Overview;

public sealed class OverviewComponentTests : OverviewContext
{
    private const string Hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>";

    [Fact]
    public void Figures_BeforeTheFirstReading_ClaimNoNumber()
    {
        var figures = Render<Figures>(with => with.Add(view => view.Now, Snapshot()));

        Assert.All(figures.FindAll(".figure-value"), value => Assert.Equal("–", value.TextContent));
    }

    [Fact]
    public void Figures_Waiting_CountsQueuedScheduledAndBlocked()
    {
        var status = new WorkshopStatus { TasksByState = { ["queued"] = 5, ["scheduled"] = 3, ["blocked"] = 2 } };

        var figures = Render<Figures>(with => with.Add(view => view.Now, Snapshot() with { Status = status }));

        Assert.Equal("10", figures.Find("[data-figure=waiting] .figure-value").TextContent);
        Assert.Contains("3 scheduled, 2 blocked", figures.Find("[data-figure=waiting]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_OfTheDay_GoOnBetweenTwoReadings()
    {
        var counted = new WorkshopStatus { TasksByState = { ["succeeded"] = 1_000, ["failed"] = 7 } };
        var now = new WorkshopStatus { TasksByState = { ["succeeded"] = 1_003, ["failed"] = 5 } };
        var day = new MetricsReply { Points = { new MetricsPoint { Succeeded = 40 }, new MetricsPoint { Succeeded = 2, Failed = 6 } } };
        var figures = WorkshopFigures.Unread with { Day = day, StatusAtDay = counted };

        var shown = Render<Figures>(with => with.Add(view => view.Now, Snapshot() with { Status = now, Figures = figures }));

        // Three more came since; two failed ones were replayed, and stay failures of this day.
        Assert.Equal("45", shown.Find("[data-figure=done] .figure-value").TextContent);
        Assert.Equal("6", shown.Find("[data-figure=failed] .figure-value").TextContent);
        Assert.Contains("5 in the dead letter", shown.Find("[data-figure=failed]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_WhereTheZoneIsKnown_CountFromTheReadersMidnight()
    {
        // Noon in Greenwich is nine in the evening in Tokyo, whose day began at three in the afternoon of the day before.
        Services.GetRequiredService<Reader>().LivesAt("Asia/Tokyo|540");
        var midnight = new DateTimeOffset(2026, 11, 2, 15, 0, 0, TimeSpan.Zero);
        var day = new MetricsReply
        {
            Points =
            {
                new MetricsPoint { At = Timestamp.FromDateTimeOffset(midnight.AddMinutes(-15)), Succeeded = 100, Failed = 9 },
                new MetricsPoint { At = Timestamp.FromDateTimeOffset(midnight), Succeeded = 4, Failed = 1 },
                new MetricsPoint { At = Timestamp.FromDateTimeOffset(midnight.AddHours(21)), Succeeded = 3 },
            },
        };

        var shown = Render<Figures>(with => with.Add(
            view => view.Now, Snapshot() with { Figures = WorkshopFigures.Unread with { Day = day } }));

        Assert.Equal("7", shown.Find("[data-figure=done] .figure-value").TextContent);
        Assert.Equal("1", shown.Find("[data-figure=failed] .figure-value").TextContent);
        Assert.Contains("today", shown.Find("[data-figure=done] dt").TextContent, StringComparison.Ordinal);
        Assert.Contains("since midnight", shown.Find("[data-figure=done]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_WhenTheBrowserTellsItsZoneLate_CountFromMidnightWithoutOtherNews()
    {
        var shown = Render<Figures>(with => with.Add(view => view.Now, Snapshot()));
        Assert.Contains("24 hours", shown.Find("[data-figure=done] dt").TextContent, StringComparison.Ordinal);

        Services.GetRequiredService<Reader>().LivesAt("Asia/Tokyo|540");

        shown.WaitForAssertion(
            () => Assert.Contains("today", shown.Find("[data-figure=done] dt").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void TaskLine_WithMarkupInItsTexts_ShowsItAsText()
    {
        var task = new TaskSummary
        {
            Id = "1", Type = Hostile, State = TaskState.Failed, Prompt = Hostile, Node = Hostile, Model = Hostile, Error = Hostile,
        };

        var line = Render<TaskLine>(with => with.Add(view => view.Task, task));

        Assert.Empty(line.FindAll("img, script"));
        Assert.Equal(Hostile, line.Find(".task-prompt").TextContent);
        Assert.Equal(Hostile, line.Find(".task-error").TextContent.Trim());
    }

    [Fact]
    public void TaskLine_Simulated_SaysSo()
    {
        var task = new TaskSummary { Id = "1", Type = "general", State = TaskState.Succeeded, Simulated = true };

        Assert.Equal("simulated", Render<TaskLine>(with => with.Add(view => view.Task, task)).Find(".tag").TextContent);
    }

    [Fact]
    public void NewestTasks_WithoutAny_ShowTheCallToMake()
    {
        var now = Snapshot() with { Status = new WorkshopStatus() };

        var newest = Render<NewestTasks>(with => with
            .AddCascadingValue("GatewayAddress", "http://forge.lan:8765")
            .Add(view => view.Now, now));

        Assert.Contains(
            "curl -X POST http://forge.lan:8765/task/delegate", newest.Find("pre").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void WithCommands_SetsTextBetweenBackticksAsCode()
    {
        var text = Render<WithCommands>(with => with.Add(view => view.Text, "Start it with `ollama serve`."));

        Assert.Equal("ollama serve", text.Find("code").TextContent);
    }

    [Fact]
    public void Bench_WithAnIllBackend_SaysWhatMendsIt()
    {
        var node = new WorkerNode
        {
            Id = "worker-01",
            Slots = 2,
            Backends = { new Backend { Name = "ollama", Detail = "Ollama is not running: `ollama serve`." } },
        };

        var bench = Render<Bench>(with => with.Add(view => view.Node, node).Add(view => view.Now, Snapshot()));

        Assert.Equal("ollama serve", bench.Find(".backend-ill code").TextContent);
        Assert.Equal(2, bench.FindAll(".craftsman.rests").Count);
    }

    private static WorkshopSnapshot Snapshot() => new()
    {
        Link = new SchedulerLink(LinkState.Live, DateTimeOffset.UnixEpoch),
        Newest = TaskWindow.Empty(50),
    };
}
