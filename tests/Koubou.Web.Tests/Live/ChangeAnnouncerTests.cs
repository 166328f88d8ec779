using Koubou.Contracts;
using Koubou.Web.Live;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Web.Tests.Live;

public sealed class ChangeAnnouncerTests
{
    [Fact]
    public async Task Burst_OfEvents_ReachesAPageOnceInEachInterval()
    {
        var clock = new FakeTimeProvider();
        var options = Options.Create(new LiveOptions());
        var workshop = new Workshop(clock, options);
        var heard = 0;
        using var watch = workshop.Watch(() => heard++);
        using var announcer = new ChangeAnnouncer(workshop, options, clock);

        Burst(workshop, from: 1);
        var first = announcer.RunOnceAsync(TestContext.Current.CancellationToken);
        Burst(workshop, from: 501);
        Assert.Equal(1, heard);
        Assert.False(first.IsCompleted);

        clock.Advance(options.Value.UpdateInterval);
        await first;
        var second = announcer.RunOnceAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, heard);
        Assert.False(second.IsCompleted);
        Assert.Equal(1000, workshop.Current.LastSequence);
    }

    [Fact]
    public void Sequence_ThatGoesBack_BeginsANewPicture()
    {
        var workshop = new Workshop(new FakeTimeProvider(), Options.Create(new LiveOptions()));
        Burst(workshop, from: 1);

        workshop.Apply(new EventBatch { LastSequence = 3 });

        Assert.Equal(0, workshop.Current.Newest.Count);
        Assert.Equal(3, workshop.Current.LastSequence);
        Assert.True(workshop.IsListWanted);
    }

    private static void Burst(Workshop workshop, long from)
    {
        for (var sequence = from; sequence < from + 500; sequence++)
        {
            workshop.Apply(new EventBatch
            {
                LastSequence = sequence,
                Events =
                {
                    new TaskEvent
                    {
                        Sequence = sequence,
                        TaskId = $"task-{sequence:D6}",
                        Kind = EventKind.Submitted,
                        State = TaskState.Queued,
                    },
                },
            });
        }
    }
}
