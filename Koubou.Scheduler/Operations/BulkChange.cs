using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Operations;

/// <summary>Cancels, retries or deletes every task that a filter selects, page by page.</summary>
internal sealed class BulkChange(IQueueStore store)
{
    private const int PageSize = 500;

    /// <summary>What is wrong with a request; empty when it is acceptable.</summary>
    public static IReadOnlyList<Fault> FindFaults(ChangeMatchingRequest request)
    {
        var faults = new List<Fault>();
        if (request.Change is not (Change.Cancel or Change.Retry or Change.Delete))
        {
            faults.Add(new Fault("change", "must be cancel, retry or delete"));
        }

        if (!request.Everything && IsEmpty(request.Filter))
        {
            faults.Add(new Fault(
                "filter", "selects by nothing; give a state, type, batch, label or time, or say everything: true"));
        }

        return faults;
    }

    public async Task<ChangeMatchingReply> RunAsync(ChangeMatchingRequest request, CancellationToken cancellation)
    {
        var reply = new ChangeMatchingReply();
        var page = (request.Filter ?? new ListRequest()).Clone();
        page.PageSize = PageSize;
        page.PageToken = "";
        page.TotalMax = 1;
        page.Skip = 0;
        page.Order = TaskOrder.Unspecified;

        // What is cancelled before its dependencies is cancelled; after them it would have failed because of them.
        page.OldestFirst = request.Change != Change.Cancel;
        page.IncludeOutput = false;
        Narrow(page, request.Change);
        if (page.States.Count == 0)
        {
            // The wanted states allow no such change.
            return reply;
        }

        do
        {
            var found = await store.ListAsync(page, cancellation);
            page.PageToken = found.NextPageToken;
            if (found.Tasks.Count > 0)
            {
                var results = await ChangeAsync(request.Change, [.. found.Tasks.Select(task => task.Id)], cancellation);
                var changed = results.Count(result => result.Outcome == ChangeOutcome.Changed);
                reply.Changed += changed;
                reply.PassedOver += results.Count - changed;
            }
        }
        while (page.PageToken.Length > 0);

        return reply;
    }

    private Task<IReadOnlyList<ChangeResult>> ChangeAsync(
        Change change, IReadOnlyList<string> ids, CancellationToken cancellation) => change switch
    {
        Change.Cancel => store.CancelAsync(ids, cancellation),
        Change.Retry => store.RetryAsync(ids, cancellation),
        _ => store.DeleteAsync(ids, cancellation),
    };

    // Only states that allow the change: the others need not be read.
    private static void Narrow(ListRequest page, Change change)
    {
        Func<TaskState, bool> allows = change switch
        {
            Change.Cancel => Transitions.CanCancel,
            Change.Retry => Transitions.CanRetry,
            _ => Transitions.CanDelete,
        };
        var wanted = page.States.Count == 0 ? TaskStates.All : [.. page.States];
        page.States.Clear();
        page.States.AddRange(wanted.Where(allows));
    }

    private static bool IsEmpty(ListRequest? filter) => filter is null
        || (filter.States.Count == 0 && filter.Types_.Count == 0 && filter.Labels.Count == 0
            && filter.Client.Length + filter.BatchId.Length + filter.Node.Length + filter.Text.Length == 0
            && filter.SubmittedBefore is null && filter.SubmittedAfter is null && filter.FinishedBefore is null);
}
