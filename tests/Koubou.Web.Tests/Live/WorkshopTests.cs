using Koubou.Contracts;
using Koubou.Web.Live;

namespace Koubou.Web.Tests.Live;

public sealed class WorkshopTests
{
    [Fact]
    public async Task Submit_WhileSomeoneWatches_ShowsTheTaskWithItsPrompt()
    {
        await using var live = await LiveHarness.StartAsync();
        await live.SeeLiveAsync();

        var id = live.Queue.Submit("Create a Python function for fibonacci");

        var now = await live.SeeAsync(picture => picture.Newest.Find(id)?.Prompt is not null);
        Assert.Equal("Create a Python function for fibonacci", now.Newest.Find(id)!.Prompt);
    }

    [Fact]
    public async Task Start_OfATaskOlderThanTheNewest_ShowsItAtItsCraftsman()
    {
        await using var live = await LiveHarness.StartAsync();
        live.Queue.AddNode("worker-01");
        var old = live.Queue.Submit("The oldest", at: DateTimeOffset.UtcNow.AddHours(-1));
        for (var i = 0; i < 60; i++)
        {
            live.Queue.Submit($"Newer {i}");
        }

        live.Queue.Start(old, "worker-01", slot: 1);

        var now = await live.SeeAsync(picture => picture.Running.ContainsKey(old));
        Assert.Null(now.Newest.Find(old));
        Assert.Equal("The oldest", now.Find(old)!.Prompt);
    }

    [Fact]
    public async Task ManyWatchers_ShareOneStream()
    {
        await using var live = await LiveHarness.StartAsync();
        var watches = Enumerable.Range(0, 50).Select(_ => live.Workshop.Watch(() => { })).ToList();
        await live.SeeLiveAsync();

        live.Queue.Submit("For all of them");
        await live.SeeAsync(picture => picture.Newest.Count == 1);

        Assert.Equal(1, live.Queue.CallsOf(nameof(TaskQueue.TaskQueueBase.WatchEvents)));
        watches.ForEach(watch => watch.Dispose());
    }

    [Fact]
    public async Task Events_WhileNobodyWatches_AskNothingOfTheScheduler()
    {
        await using var live = await LiveHarness.StartAsync();
        await live.SeeLiveAsync();
        var before = live.Queue.CallsOf(nameof(TaskQueue.TaskQueueBase.GetStatus));

        var last = "";
        for (var i = 0; i < 200; i++)
        {
            last = live.Queue.Submit($"Task {i}");
        }

        // The stream alone brings the task; whoever looks then is the first to have the rest read.
        var now = await live.SeeAsync(picture => picture.Newest.Find(last) is not null);
        Assert.Equal(50, now.Newest.Count);
        Assert.InRange(live.Queue.CallsOf(nameof(TaskQueue.TaskQueueBase.GetStatus)) - before, 0, 2);
    }

    [Fact]
    public async Task DoneToday_AfterATimeWhenNobodyWatched_CountsEachTaskOnce()
    {
        await using var live = await LiveHarness.StartAsync();
        await live.SeeAsync(picture => picture is { Status: not null, Figures.Day: not null });

        for (var i = 0; i < 10; i++)
        {
            live.Queue.Finish(live.Queue.Submit($"Task {i}"));
        }

        live.Queue.Minutes.Add(new MetricsPoint { Succeeded = 10 });
        live.Clock.Later = TimeSpan.FromMinutes(1);
        var gate = new TaskCompletionSource();
        live.Queue.StatusGate = gate.Task;
        var asked = live.Queue.CallsOf(nameof(TaskQueue.TaskQueueBase.GetStatus));

        // The page's status comes late. The day's waits for one of its own, or is already there with that of long ago.
        var seen = live.SeeAsync(picture => picture.Figures.Day is not null && picture.Count(TaskState.Succeeded) == 10);
        await Task.WhenAny(
            live.SeeAsync(picture => picture.Figures.Day is not null),
            live.Queue.CalledAsync(nameof(TaskQueue.TaskQueueBase.GetStatus), asked + 2));
        gate.SetResult();

        var now = await seen;
        Assert.Equal(10, now.CountSince(DateTimeOffset.MinValue, TaskState.Succeeded, point => point.Succeeded));
    }

    [Fact]
    public async Task Scheduler_ThatGoesAndComesBack_IsFollowedFromTheLastNumber()
    {
        await using var live = await LiveHarness.StartAsync();
        var first = live.Queue.Submit("Before");
        await live.SeeAsync(picture => picture.Newest.Find(first) is not null);

        await live.Scheduler.CloseAsync();
        await live.SeeAsync(picture => picture.Link.State == LinkState.Lost);
        var missed = live.Queue.Submit("While away");
        await live.Scheduler.OpenAsync();

        var now = await live.SeeAsync(picture => picture.Newest.Find(missed)?.Prompt is not null);
        Assert.Equal(LinkState.Live, now.Link.State);
        Assert.NotNull(now.Newest.Find(first));
    }

    [Fact]
    public async Task Freshen_AfterNobodyWatchedForLong_WaitsForNewFigures()
    {
        await using var live = await LiveHarness.StartAsync();
        var past = await live.SeeLiveAsync();
        live.Queue.AddNode("worker-01");
        await live.SeeAsync(picture => !picture.Nodes.IsEmpty);

        await live.Workshop.FreshenAsync(TimeSpan.FromSeconds(20));

        Assert.Empty(past.Nodes);
        Assert.Single(live.Workshop.Current.Nodes);
    }

    [Fact]
    public async Task Freshen_BringsTheNotices_AndTheNextWatcherKeepsThem()
    {
        await using var live = await LiveHarness.StartAsync();
        await live.SeeLiveAsync();
        live.Queue.Findings.Add(new HealthFinding { Code = "disk_low", Message = "Only 2 GB are left." });

        using (live.Workshop.Watch(() => { }))
        {
            await live.SeeAsync(now => now.Figures.Findings is { IsEmpty: false });
        }

        // The page as it was sent is gone, the living one begins to watch: nothing may vanish in between.
        using var again = live.Workshop.Watch(() => { });
        Assert.Single(live.Workshop.Current.Figures.Findings!.Value);
    }
}
