using System.ComponentModel;

namespace Koubou.Gateway.Mcp.Replies;

/// <summary>One task was taken in.</summary>
internal sealed record Delegated(
    [property: Description("Keep it: wait and get_result take it.")] string Id,
    string State,
    [property: Description("1 is next; absent when it does not wait in the queue.")] long? QueuePosition,
    [property: Description("The idempotency_key was known: this is the first task, nothing new was enqueued.")] bool Duplicate,
    [property: Description("Why no connected worker node can run it now; it waits for one. Absent when some node can.")]
    string? NobodyEligible,
    string Next) : Reply
{
    /// <summary>Only where the call itself was made as a task and its result is fetched later.</summary>
    [Description("The result, once the call that was made as a task has finished.")]
    public ResultView? Result { get; init; }
}

/// <summary>A batch was taken in.</summary>
internal sealed record DelegatedMany(
    [property: Description("Names the whole batch: wait, list_tasks and cancel take it.")] string BatchId,
    int Count,
    [property: Description("In the order of the call; left out where there are more than 100.")] IReadOnlyList<string> Ids,
    [property: Description("Why no connected worker node can run some of them now; they wait for one.")]
    IReadOnlyList<string> NobodyEligible,
    string Next) : Reply;

/// <summary>How things stand after a wait.</summary>
internal sealed record Waited(
    [property: Description("Nothing more needs to be waited for.")] bool Done,
    int FinishedCount,
    int OpenCount,
    [property: Description("Finished tasks, each with its output where that is short.")] IReadOnlyList<ResultView> Finished,
    [property: Description("Tasks that are not finished yet.")] IReadOnlyList<TaskBrief> Open,
    IReadOnlyList<string> UnknownIds,
    string Next) : Reply;

/// <summary>One result.</summary>
internal sealed record GotResult(ResultView Result, string? Next) : Reply;

/// <summary>One page of tasks.</summary>
internal sealed record Listed(
    IReadOnlyList<TaskBrief> Tasks,
    [property: Description("How many match in all.")] long Total,
    [property: Description("False: at least that many.")] bool TotalIsExact,
    [property: Description("Give it as page_token for the next page.")] string? NextPageToken) : Reply;

/// <summary>What became of each task.</summary>
internal sealed record Changed(
    int ChangedCount,
    [property: Description("One entry for each task that was not changed, and for up to 100 that were.")]
    IReadOnlyList<ChangedTask> Tasks,
    string? Next) : Reply;

/// <summary>What became of one of them.</summary>
internal sealed record ChangedTask(
    string Id,
    [property: Description("changed, unknown_id or wrong_state.")] string Outcome,
    [property: Description("The state after the call.")] string? State);
