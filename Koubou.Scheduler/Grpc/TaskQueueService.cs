using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Artifacts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Events;
using Koubou.Scheduler.Metrics;
using Koubou.Scheduler.Operations;
using Koubou.Scheduler.Output;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Submission;
using Koubou.Scheduler.TaskTypes;

namespace Koubou.Scheduler.Grpc;

/// <summary>The calls of the doors, each a thin translation to the store.</summary>
internal sealed partial class TaskQueueService(
    IQueueStore store,
    Submitter submitter,
    TaskTypeRegistry types,
    NodeRegistry nodes,
    Workforce workforce,
    IPeers peers,
    TaskWaits waits,
    OutputBoard board,
    WorkshopReport report,
    WaitEstimator estimator,
    BulkChange bulk,
    TaskTransfer transfer,
    HealthInspector health,
    MetricsBoard metrics,
    SchedulerSettings settings,
    ArtifactStore artifacts,
    TimeProvider time,
    IHostApplicationLifetime lifetime) : TaskQueue.TaskQueueBase
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);

    public override async Task<SubmitReply> Submit(SubmitRequest request, ServerCallContext context) => new()
    {
        Receipts =
        {
            await submitter.SubmitAsync(request.Tasks, request.Caller, request.ValidateOnly, context.CancellationToken),
        },
    };

    public override async Task<TaskRecord> Get(GetRequest request, ServerCallContext context)
    {
        var record = await store.GetAsync(request.Id, request.IncludeOutput, context.CancellationToken)
            ?? throw RpcErrors.NotFound(request.Id);
        AddProgress(record);
        record.EstimatedWait = estimator.Estimate(record.QueuePosition);
        return record;
    }

    public override async Task<ListReply> List(ListRequest request, ServerCallContext context)
    {
        RequestRules.Check(request);
        var reply = await store.ListAsync(request, context.CancellationToken);
        foreach (var record in reply.Tasks)
        {
            AddProgress(record);
        }

        return reply;
    }

    public override async Task<WaitReply> Wait(WaitRequest request, ServerCallContext context)
    {
        RequestRules.CheckIds(request.Ids);
        using var wait = waits.Begin(request.Ids.Distinct());
        var reply = new WaitReply();
        foreach (var id in wait.Ids)
        {
            var record = await store.GetAsync(id, includeOutput: false, context.CancellationToken);
            if (record is null)
            {
                reply.UnknownIds.Add(id);
            }
            else if (record.State.IsFinal())
            {
                wait.Finish(id);
            }
        }

        var known = wait.Ids.Count - reply.UnknownIds.Count;
        foreach (var id in reply.UnknownIds)
        {
            wait.Forget(id);
        }

        reply.TimedOut = known > 0
            && !await ReachedAsync(request.All ? wait.All : wait.Any, request.Timeout, context.CancellationToken);
        foreach (var id in request.Ids.Except(reply.UnknownIds))
        {
            if (await store.GetAsync(id, request.IncludeOutput, context.CancellationToken) is { } record)
            {
                AddProgress(record);
                reply.Tasks.Add(record);
            }
        }

        return reply;
    }

    public override async Task<ChangeReply> Cancel(ChangeRequest request, ServerCallContext context)
    {
        RequestRules.CheckIds(request.Ids);
        return await OwnTasks.ChangeAsync(request, store, store.CancelAsync, context.CancellationToken);
    }

    public override async Task<ChangeReply> Retry(ChangeRequest request, ServerCallContext context)
    {
        RequestRules.CheckIds(request.Ids);
        return await OwnTasks.ChangeAsync(request, store, store.RetryAsync, context.CancellationToken);
    }

    public override async Task<ChangeReply> Delete(ChangeRequest request, ServerCallContext context)
    {
        RequestRules.CheckIds(request.Ids);
        return await OwnTasks.ChangeAsync(request, store, store.DeleteAsync, context.CancellationToken);
    }

    public override async Task WatchEvents(
        WatchEventsRequest request, IServerStreamWriter<EventBatch> responseStream, ServerCallContext context)
    {
        RequestRules.Check(request);
        using var until = UntilStopped(context);
        var watch = new EventWatch(store.Events, request);
        await foreach (var batch in watch.ReadAllAsync(until.Token))
        {
            await responseStream.WriteAsync(batch, until.Token);
        }
    }

    public override async Task WatchOutput(
        WatchOutputRequest request, IServerStreamWriter<OutputUpdate> responseStream, ServerCallContext context)
    {
        using var until = UntilStopped(context);
        var watch = new OutputWatch(store, board, peers, waits, request);
        await foreach (var update in watch.ReadAllAsync(until.Token))
        {
            await responseStream.WriteAsync(update, until.Token);
        }
    }

    public override Task<WorkshopStatus> GetStatus(StatusRequest request, ServerCallContext context) =>
        report.WriteAsync(context.CancellationToken);

    public override Task<ListWorkersReply> ListWorkers(ListWorkersRequest request, ServerCallContext context) =>
        Task.FromResult(new ListWorkersReply { Nodes = { workforce.All } });

    public override Task<ListTaskTypesReply> ListTaskTypes(ListTaskTypesRequest request, ServerCallContext context) =>
        Task.FromResult(new ListTaskTypesReply { Types_ = { types.All } });

    private async Task<bool> ReachedAsync(Task reached, Duration? timeout, CancellationToken cancellation)
    {
        var limit = RequestRules.Clamp(timeout, WaitMax);
        if (reached.IsCompleted || limit <= TimeSpan.Zero)
        {
            return reached.IsCompleted;
        }

        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        try
        {
            await reached.WaitAsync(limit, time, until.Token);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void AddProgress(TaskRecord record)
    {
        if (record.State == TaskState.Running)
        {
            record.Progress = board.Find(record.Id)?.Progress ?? workforce.FindProgress(record.Id) ?? "";
        }
    }

    private CancellationTokenSource UntilStopped(ServerCallContext context) =>
        CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
}
