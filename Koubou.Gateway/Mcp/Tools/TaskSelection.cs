using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Mcp.Tools;

/// <summary>Which tasks a call means: ids, or all of a batch.</summary>
internal sealed class TaskSelection(TaskQueue.TaskQueueClient scheduler, CallLimits limits)
{
    public const string Ids = "ids";
    public const string BatchId = "batch_id";

    // What the scheduler takes in one call, and what a batch may hold by default.
    private const int PageSize = 100;
    private const int IdsMax = 1_000;

    /// <summary>The ids, or the problem with them.</summary>
    public async Task<(IReadOnlyList<string> Ids, Problem? Problem)> ReadAsync(
        ToolArguments arguments, CancellationToken cancellationToken)
    {
        var ids = arguments.Texts(Ids);
        var batchId = arguments.Text(BatchId);
        if (ids.Count == 0 == string.IsNullOrEmpty(batchId) && !arguments.Faults.Any)
        {
            arguments.Faults.Add(Ids, "name the tasks by ids, 1 to 1,000 of them, or by batch_id, one of the two");
        }

        if (arguments.Faults.Any)
        {
            return ([], McpProblems.InvalidArguments(arguments.Faults));
        }

        return ids.Count > 0 ? ([.. ids.Distinct()], null) : await ReadBatchAsync(batchId!, cancellationToken);
    }

    private async Task<(IReadOnlyList<string> Ids, Problem? Problem)> ReadBatchAsync(
        string batchId, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        var page = new ListRequest { BatchId = batchId, OldestFirst = true, PageSize = PageSize };
        do
        {
            var reply = await scheduler.ListAsync(page, limits.Brief(cancellationToken));
            ids.AddRange(reply.Tasks.Select(record => record.Id));
            page.PageToken = reply.NextPageToken;
        }
        while (page.PageToken.Length > 0 && ids.Count < IdsMax);

        return ids.Count > 0 ? (ids, null) : ([], McpProblems.EmptyBatch(batchId));
    }
}
