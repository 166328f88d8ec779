using Koubou.Gateway.Errors;

namespace Koubou.Gateway.Mcp;

/// <summary>Problems in the words of this door, whose next steps are tools.</summary>
internal static class McpProblems
{
    public static Problem UnknownTask(string id) => Problems.UnknownTask(id) with
    {
        Hint = "Ids come from delegate and delegate_many; list_tasks shows the tasks that are kept.",
    };

    public static Problem UnknownTasks(IReadOnlyList<string> ids) => UnknownTask(ids[0]) with
    {
        Detail = ids.Count == 1
            ? UnknownTask(ids[0]).Detail
            : $"No task has any of the {ids.Count} ids, such as '{Problems.Shorten(ids[0])}'.",
    };

    public static Problem EmptyBatch(string batchId) => UnknownTask(batchId) with
    {
        Detail = $"No task belongs to the batch '{Problems.Shorten(batchId)}'.",
        Hint = "Batch ids come from delegate_many; list_tasks shows the batch of each task.",
    };

    public static Problem InvalidArguments(FaultList faults) =>
        Problems.InvalidRequest(faults, "Mend the arguments named above and call the tool again; nothing was changed.");
}
