using System.Collections.Immutable;
using Koubou.Contracts;

namespace Koubou.Web.Live;

/// <summary>
/// Everything that the pages show, at one moment. Swapped whole, never changed; that holds for the messages in it too.
/// </summary>
public sealed record WorkshopSnapshot
{
    public required SchedulerLink Link { get; init; }

    /// <summary>Null until it was read for the first time.</summary>
    public WorkshopStatus? Status { get; init; }

    public ImmutableArray<WorkerNode> Nodes { get; init; } = [];

    /// <summary>The newest tasks, the newest first.</summary>
    public required TaskWindow Newest { get; init; }

    /// <summary>What runs now, however old the task is; by task id.</summary>
    public ImmutableDictionary<string, TaskSummary> Running { get; init; } =
        ImmutableDictionary<string, TaskSummary>.Empty;

    /// <summary>The newest events, the newest first.</summary>
    public EventTail Events { get; init; } = EventTail.Empty;

    /// <summary>Minutes and hours in numbers, and what is wrong; read less often than the rest.</summary>
    public WorkshopFigures Figures { get; init; } = WorkshopFigures.Unread;

    /// <summary>The newest event that is in this picture. 0: none yet.</summary>
    public long LastSequence { get; init; }

    /// <summary>The task as far as it is known here, else null.</summary>
    public TaskSummary? Find(string taskId) =>
        Newest.Find(taskId) ?? Running.GetValueOrDefault(taskId);

    public long Count(TaskState state) => Status?.TasksByState.GetValueOrDefault(state.ToWord()) ?? 0;

    /// <summary>
    /// How many tasks succeeded or failed since a moment, at most 24 hours ago: what the last reading of the day said, and
    /// what came on record since. Exact where the moment is a full quarter of an hour, as the midnight of every time zone is.
    /// Null: not read yet.
    /// </summary>
    public long? CountSince(DateTimeOffset from, TaskState state, Func<MetricsPoint, long> count) => Figures.Day is not { } day
        ? null
        : day.Points.Where(point => point.At is null || point.At.ToDateTimeOffset() >= from).Sum(count)
            + Math.Max(0, Count(state) - (Figures.StatusAtDay?.TasksByState.GetValueOrDefault(state.ToWord()) ?? Count(state)));
}
