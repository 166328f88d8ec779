using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Web.Live;

namespace Koubou.Web.Tests.Live;

public sealed class TaskWindowTests
{
    private const int Max = 3;

    [Fact]
    public void Submitted_TasksBeyondTheBound_PushTheOldestOut()
    {
        var window = TaskWindow.Empty(Max);

        for (var i = 1; i <= 5; i++)
        {
            window = window.With(Event($"task-{i}", i, EventKind.Submitted));
        }

        Assert.Equal(["task-5", "task-4", "task-3"], window.Tasks.Select(task => task.Id));
    }

    [Fact]
    public void Event_OfATaskThatIsNotInTheWindow_ChangesNothing()
    {
        var window = TaskWindow.Empty(Max).With(Event("task-1", 1, EventKind.Started, TaskState.Running));

        Assert.Equal(0, window.Count);
    }

    [Fact]
    public void Event_SeenBefore_DoesNotTurnTheTaskBack()
    {
        var window = TaskWindow.Empty(Max)
            .With(Event("task-1", 1, EventKind.Submitted))
            .With(Event("task-1", 2, EventKind.Started, TaskState.Running))
            .With(Event("task-1", 3, EventKind.Succeeded, TaskState.Succeeded))
            .With(Event("task-1", 2, EventKind.Started, TaskState.Running));

        Assert.Equal(TaskState.Succeeded, window.Find("task-1")!.State);
    }

    [Fact]
    public void Reading_OlderThanTheEvents_BringsThePromptAndKeepsTheState()
    {
        var window = TaskWindow.Empty(Max)
            .With(Event("task-1", 1, EventKind.Submitted))
            .With(Event("task-1", 2, EventKind.Started, TaskState.Running));
        Assert.True(window.HasUnread);

        window = window.With([Record("task-1", 1, TaskState.Queued, "Summarise")], readFrom: 1);

        Assert.False(window.HasUnread);
        Assert.Equal(TaskState.Running, window.Find("task-1")!.State);
        Assert.Equal("Summarise", window.Find("task-1")!.Prompt);
    }

    [Fact]
    public void Reading_WithoutATaskSubmittedMeanwhile_KeepsIt()
    {
        var window = TaskWindow.Empty(Max).With(Event("task-1", 1, EventKind.Submitted));
        var readFrom = 1;
        window = window.With(Event("task-2", 2, EventKind.Submitted));

        window = window.With([Record("task-1", 1, TaskState.Queued, "Summarise")], readFrom);

        Assert.NotNull(window.Find("task-2"));
    }

    [Fact]
    public void Reading_WithoutATaskKnownBefore_RemovesIt()
    {
        var window = TaskWindow.Empty(Max).With(Event("task-1", 1, EventKind.Submitted));

        window = window.With([], readFrom: 1);

        Assert.Equal(0, window.Count);
    }

    [Fact]
    public void Requeued_AfterAFailure_IsNoLongerFinishedNorWrong()
    {
        var failed = Event("task-1", 2, EventKind.Failed, TaskState.Failed);
        failed.Error = new TaskError { Message = "out of memory" };
        var window = TaskWindow.Empty(Max).With(Event("task-1", 1, EventKind.Submitted)).With(failed);
        Assert.Equal("out of memory", window.Find("task-1")!.Error);

        window = window.With(Event("task-1", 3, EventKind.Requeued));

        Assert.Null(window.Find("task-1")!.FinishedAt);
        Assert.Equal("", window.Find("task-1")!.Error);
    }

    private static TaskEvent Event(string id, long sequence, EventKind kind, TaskState state = TaskState.Queued) => new()
    {
        Sequence = sequence,
        TaskId = id,
        Kind = kind,
        State = state,
        At = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(sequence)),
    };

    private static TaskRecord Record(string id, long lastEvent, TaskState state, string prompt) => new()
    {
        Id = id,
        Spec = new TaskSpec { Type = "general", Prompt = prompt },
        State = state,
        LastEvent = lastEvent,
    };
}
