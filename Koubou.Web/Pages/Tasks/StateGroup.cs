using System.Collections.Immutable;
using Koubou.Contracts;
using Koubou.Web.Live;

namespace Koubou.Web.Pages.Tasks;

/// <summary>States that a reader thinks of as one, for the row of choices above the table.</summary>
/// <param name="Name">Its word is <c>Group.</c> and this.</param>
/// <param name="States">Empty: all.</param>
public sealed record StateGroup(string Name, ImmutableArray<TaskState> States)
{
    public static IReadOnlyList<StateGroup> All { get; } =
    [
        new("all", []),
        new("waiting", [TaskState.Blocked, TaskState.Scheduled, TaskState.Queued]),
        new("running", [TaskState.Running]),
        new("succeeded", [TaskState.Succeeded]),
        new("failed", [TaskState.Failed]),
        new("cancelled", [TaskState.Cancelled, TaskState.Expired]),
    ];

    public long CountIn(WorkshopSnapshot now) =>
        (States.IsEmpty ? TaskStates.All : States).Sum(now.Count);

    public bool IsChosenBy(TaskFilter filter) => filter.States.SequenceEqual(States);
}
