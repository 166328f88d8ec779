using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Web.Pages.OneTask;

namespace Koubou.Web.Tests.OneTask;

public sealed class WaterfallTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Attempt_WithFacts_IsPartedIntoItsPhases()
    {
        var task = Task(TaskState.Succeeded, finished: 20);
        task.Attempts.Add(new Attempt
        {
            Number = 1,
            LeasedAt = At(5),
            FinishedAt = At(20),
            ModelLoad = Seconds(5),
            FirstToken = Seconds(7),
        });

        var stretches = Assert.Single(Waterfall.Of(task, Start.AddHours(1))).Stretches;

        Assert.Equal(
            [(Phase.Waiting, 0, 25), (Phase.Loading, 25, 25), (Phase.Reading, 50, 10), (Phase.Writing, 60, 40)],
            stretches.Select(part => (part.Phase, (int)Math.Round(part.Left), (int)Math.Round(part.Width))));
    }

    [Fact]
    public void Task_ThatWaitsForItsRetry_EndsWithTheWait()
    {
        var task = Task(TaskState.Scheduled);
        task.Attempts.Add(new Attempt { Number = 1, LeasedAt = At(2), FinishedAt = At(4), Outcome = AttemptOutcome.Failed });

        var rows = Waterfall.Of(task, Start.AddSeconds(8));

        Assert.Equal(2, rows.Count);
        Assert.Null(rows[1].Attempt);
        Assert.Equal(TimeSpan.FromSeconds(4), Assert.Single(rows[1].Stretches).Time);
    }

    [Fact]
    public void Clocks_ThatDisagree_NeverLeaveTheLine()
    {
        var task = Task(TaskState.Succeeded, finished: 10);
        task.Attempts.Add(new Attempt
        {
            Number = 1,
            LeasedAt = At(-5),
            FinishedAt = At(30),
            ModelLoad = Seconds(90),
            FirstToken = Seconds(1),
        });

        Assert.All(Waterfall.Of(task, Start).SelectMany(row => row.Stretches), part =>
        {
            Assert.InRange(part.Left, 0, 100);
            Assert.InRange(part.Left + part.Width, 0, 100.0001);
        });
    }

    private static TaskRecord Task(TaskState state, int? finished = null) => new()
    {
        State = state,
        SubmittedAt = At(0),
        FinishedAt = finished is { } seconds ? At(seconds) : null,
    };

    private static Timestamp At(int seconds) => Timestamp.FromDateTimeOffset(Start.AddSeconds(seconds));

    private static Duration Seconds(int seconds) => Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds));
}
