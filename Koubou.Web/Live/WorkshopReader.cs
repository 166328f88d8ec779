using Grpc.Core;
using Koubou.Contracts;
using Microsoft.Extensions.Options;

namespace Koubou.Web.Live;

/// <summary>
/// Reads what no event tells: counts, nodes, what each craftsman does, the prompts of new tasks. After events and, while
/// someone watches, from time to time; never more often than the options allow, and not at all when nobody looks.
/// </summary>
internal sealed partial class WorkshopReader(
    TaskQueue.TaskQueueClient scheduler,
    Workshop workshop,
    IOptions<LiveOptions> options,
    TimeProvider clock,
    ILogger<WorkshopReader> logger) : LiveLoop
{
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(5);

    internal override async Task RunOnceAsync(CancellationToken cancellation)
    {
        await WaitAsync(cancellation);
        if (workshop.Current.Link.State != LinkState.Live)
        {
            return;
        }

        try
        {
            await ReadAsync(cancellation);
        }
        catch (RpcException error) when (!cancellation.IsCancellationRequested)
        {
            LogUnread(logger, error.StatusCode, error.Status.Detail);
        }

        await Task.Delay(options.Value.ReadInterval, clock, cancellation);
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var calls = new CallOptions(deadline: (clock.GetUtcNow() + AnswerTimeMax).UtcDateTime, cancellationToken: cancellation);
        if (workshop.IsListWanted)
        {
            var readFrom = workshop.Current.LastSequence;
            var newest = await scheduler.ListAsync(new ListRequest { PageSize = options.Value.NewestMax }, calls);
            workshop.Listed(newest.Tasks, readFrom);
        }

        var status = await scheduler.GetStatusAsync(new StatusRequest(), calls);
        var workers = await scheduler.ListWorkersAsync(new ListWorkersRequest(), calls);
        workshop.Read(status, workers.Nodes, await ReadRunningAsync(workers.Nodes, calls));
    }

    /// <summary>The records of running tasks, when some craftsman holds one that is not known here.</summary>
    private async Task<IEnumerable<TaskRecord>> ReadRunningAsync(IEnumerable<WorkerNode> nodes, CallOptions calls)
    {
        var known = workshop.Current;
        if (nodes.SelectMany(node => node.Running).All(work => known.Find(work.TaskId) is { IsUnread: false }))
        {
            return [];
        }

        var request = new ListRequest { PageSize = options.Value.RunningMax, States = { TaskState.Running } };
        return (await scheduler.ListAsync(request, calls)).Tasks;
    }

    private Task WaitAsync(CancellationToken cancellation) => workshop.IsWatched
        ? workshop.ReadWanted.WaitAsync(options.Value.ReadIntervalMax, clock, cancellation)
        : workshop.ReadWanted.WaitAsync(cancellation);

    [LoggerMessage(LogLevel.Debug, "Status and workers could not be read ({Status}: {Detail})")]
    private static partial void LogUnread(ILogger logger, StatusCode status, string detail);
}
