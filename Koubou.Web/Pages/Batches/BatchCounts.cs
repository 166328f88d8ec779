using System.Collections.Immutable;
using Koubou.Contracts;

namespace Koubou.Web.Pages.Batches;

/// <summary>A batch's tasks by state, as its bar shows them.</summary>
public static class BatchCounts
{
    // What is done stands first, what still waits last: the bar fills from the left.
    private static readonly ImmutableArray<TaskState> Order =
    [
        TaskState.Succeeded, TaskState.Failed, TaskState.Expired, TaskState.Cancelled, TaskState.Running, TaskState.Queued,
        TaskState.Scheduled, TaskState.Blocked,
    ];

    /// <summary>The states that occur, each with its count.</summary>
    public static IEnumerable<(TaskState State, long Count)> Of(Batch batch) => Order
        .Select(state => (state, batch.TasksByState.GetValueOrDefault(state.ToWord())))
        .Where(part => part.Item2 > 0);

    public static long Finished(Batch batch) => Of(batch).Where(part => part.State.IsFinal()).Sum(part => part.Count);

    /// <summary>From 0 to 100; 100 only when all are finished.</summary>
    public static int Percent(Batch batch) =>
        batch.Total == 0 ? 0 : (int)Math.Floor(Finished(batch) * 100.0 / batch.Total);
}
