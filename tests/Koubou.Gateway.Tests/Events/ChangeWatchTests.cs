using Koubou.Contracts;
using Koubou.Gateway.Events;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Gateway.Tests.Events;

/// <summary>A reader of the log of changes that cannot keep up, on a clock that the test moves.</summary>
public sealed class ChangeWatchTests(WorkshopFixture workshop)
{
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(11);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Reader_ThatKeepsUp_MissesNothing()
    {
        var type = workshop.NewType();
        await using var notes = Watch(type);
        await NextAsync(notes);
        var ids = await SubmitAsync(type, 3);

        var seen = new List<string>();
        while (seen.Count < 3)
        {
            seen.Add((await NextAsync(notes)).Change!.TaskId);
        }

        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task Reader_SlowInsideABatch_IsToldWhatItMissedAndGoesOnFromThePresent()
    {
        var type = workshop.NewType();
        await using var notes = Watch(type);
        await NextAsync(notes);
        await SubmitAsync(type, 5);

        var first = await NextAsync(notes);
        _clock.Advance(TooLong);
        var gap = await NextAsync(notes);
        var next = await SubmitAsync(type, 1);
        var after = await NextAsync(notes);

        Assert.Equal(Missed.SlowReader, gap.Missed!.Reason);
        Assert.Equal(first.Sequence + 1, gap.Missed.From);
        Assert.InRange(gap.Missed.To, gap.Missed.From + 3, long.MaxValue);
        Assert.Equal(gap.Missed.To, gap.Sequence);
        Assert.Equal(next[0], after.Change!.TaskId);
    }

    [Fact]
    public async Task Reader_SlowWithTheLastChangeThereIs_MissesNothing()
    {
        await using var quiet = await WorkshopFixture.StartAsync();
        var type = quiet.NewType();
        await using var notes = Watch(type, quiet);
        await NextAsync(notes);
        await quiet.Http.DelegateAsync(type);

        await NextAsync(notes);
        _clock.Advance(TooLong);
        var next = NextAsync(notes);
        await quiet.Http.DelegateAsync(type);

        Assert.Null((await next).Missed);
    }

    [Fact]
    public async Task Reader_ThatWaitedLongForNothing_IsNotSlow()
    {
        var type = workshop.NewType();
        await using var notes = Watch(type);
        await NextAsync(notes);

        var waiting = NextAsync(notes);
        _clock.Advance(TimeSpan.FromHours(1));
        var id = (await SubmitAsync(type, 1))[0];

        Assert.Equal(id, (await waiting).Change!.TaskId);
    }

    private static async Task<WatchNote> NextAsync(IAsyncEnumerator<WatchNote> notes)
    {
        Assert.True(await notes.MoveNextAsync());
        return notes.Current;
    }

    private IAsyncEnumerator<WatchNote> Watch(string type, WorkshopFixture? other = null)
    {
        var feed = (other ?? workshop).Gateway.Services.GetRequiredService<EventFeed>();
        var watch = new ChangeWatch(feed, _clock, Options.Create(new WatchOptions()), NullLogger<ChangeWatch>.Instance);
        return watch.ReadAsync(new WatchEventsRequest { Types_ = { type } }, CancellationToken.None).GetAsyncEnumerator();
    }

    // In one submit, and so in one batch of the log.
    private async Task<string[]> SubmitAsync(string type, int count)
    {
        var tasks = string.Join(',', Enumerable.Repeat($$"""{"type":"{{type}}","prompt":"a"}""", count));
        var answer = await workshop.Http.PostAsync("/api/v1/tasks/batch", $$"""{"tasks":[{{tasks}}]}""");
        return [.. answer["tasks"].EnumerateArray().Select(task => task.Text("id"))];
    }
}
