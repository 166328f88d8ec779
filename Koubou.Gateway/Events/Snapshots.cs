using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Events;

/// <summary>How the tasks of a watch stand now, for a reader that missed how they came to it.</summary>
internal sealed class Snapshots(TaskQueue.TaskQueueClient scheduler, CallLimits limits)
{
    private const int TasksMax = 100;

    /// <summary>What to tell the reader of that watch.</summary>
    public async Task<GapPayload> DescribeAsync(Missed missed, WatchEventsRequest wanted, CancellationToken cancellationToken)
    {
        var (tasks, complete) = await TryReadAsync(wanted, cancellationToken);
        return new GapPayload(missed.Reason, missed.From, missed.To, tasks, complete, Hint(missed, complete));
    }

    private static string Hint(Missed missed, bool complete)
    {
        var rest = complete ? "Any other watched task is finished" : "There are more: GET /api/v1/tasks";
        return missed.Reason == Missed.SlowReader
            ? $"{rest}. To read what was left out nevertheless, watch anew from {missed.From}."
            : $"{rest}. What was left out is older than the log.";
    }

    // Without an answer the reader still hears that something is missing.
    private async Task<(IReadOnlyList<TaskStand> Tasks, bool Complete)> TryReadAsync(
        WatchEventsRequest wanted, CancellationToken cancellationToken)
    {
        try
        {
            return wanted.TaskIds.Count > 0
                ? await ReadByIdAsync(wanted, cancellationToken)
                : await ReadUnfinishedAsync(wanted, cancellationToken);
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return ([], false);
        }
    }

    // A wait of no time is a read of many.
    private async Task<(IReadOnlyList<TaskStand>, bool)> ReadByIdAsync(
        WatchEventsRequest wanted, CancellationToken cancellationToken)
    {
        var request = new WaitRequest { Ids = { wanted.TaskIds.Distinct().Take(TasksMax) } };
        var reply = await scheduler.WaitAsync(request, limits.Brief(cancellationToken));
        return ([.. reply.Tasks.Select(TaskStand.Of)], wanted.TaskIds.Count <= TasksMax);
    }

    private async Task<(IReadOnlyList<TaskStand>, bool)> ReadUnfinishedAsync(
        WatchEventsRequest wanted, CancellationToken cancellationToken)
    {
        var request = new ListRequest
        {
            States = { TaskStates.All.Where(state => !state.IsFinal()) },
            Types_ = { wanted.Types_ },
            BatchId = wanted.BatchId,
            PageSize = TasksMax,
        };
        var reply = await scheduler.ListAsync(request, limits.Brief(cancellationToken));
        return ([.. reply.Tasks.Select(TaskStand.Of)], reply.NextPageToken.Length == 0);
    }
}
