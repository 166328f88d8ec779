using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Artifacts;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Output;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.TaskTypes;

namespace Koubou.Scheduler.Dispatch;

/// <summary>What is said on one node's stream, from welcome to end.</summary>
internal sealed partial class NodeDialogue(
    NodeSession session,
    IQueueStore store,
    Dispatcher dispatcher,
    OutputBoard board,
    IPeers peers,
    TaskTypeRegistry types,
    ArtifactStore artifacts,
    LeaseOptions lease,
    TimeProvider time,
    string schedulerId,
    ILogger logger,
    CancellationToken stopping)
{
    public async Task RunAsync(
        NodeMessage first,
        IAsyncStreamReader<NodeMessage> incoming,
        IServerStreamWriter<SchedulerMessage> outgoing,
        CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, session.Ended.Token, stopping);
        var kept = await ClaimAsync(first.Hello, ended.Token);
        session.Outbox.Add(message => message.Welcome = Welcome(kept));
        var sending = session.Outbox.SendAllAsync(outgoing, ended.Token);
        try
        {
            await HearAsync(first, ended.Token);
            while (await incoming.MoveNext(ended.Token))
            {
                await HearAsync(incoming.Current, ended.Token);
            }
        }
        finally
        {
#pragma warning disable CA1849, MA0042 // In place: whatever waits for this ends now, and a simulation can follow it.
            ended.Cancel();
#pragma warning restore CA1849, MA0042
            await sending.ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    // What the store believes to be this node's, and what the node says it holds, must agree before work goes on.
    private async Task<List<LeaseKey>> ClaimAsync(Hello hello, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var held = hello.Held.Select(ToKey).ToHashSet();
        var invalid = await store.RenewAsync([.. held], cancellation);
        var kept = held.Except(invalid).ToList();
        foreach (var key in kept)
        {
            var record = await store.GetAsync(key.TaskId, includeOutput: false, cancellation);
            session.Keep(key, record?.Attempts.LastOrDefault()?.Number ?? 1, record?.Spec.Type ?? "", now);
        }

        var forgotten = (await store.ListLeasesAsync(session.NodeId, cancellation)).Except(kept).ToList();
        if (forgotten.Count > 0)
        {
            LogForgotten(logger, session.NodeId, forgotten.Count);
            var reason = $"Worker node '{session.NodeId}' came back without this task.";
            await store.SettleAsync([.. forgotten.Select(key => new LostSettlement(key, reason))], cancellation);
        }

        return kept;
    }

    private async Task HearAsync(NodeMessage message, CancellationToken cancellation)
    {
        session.Heard(time.GetUtcNow());
        if (message.Offer is not null)
        {
            session.Offer = message.Offer;
            dispatcher.Signal();
        }

        if (message.Draining && !session.Draining)
        {
            session.Draining = true;
            LogDraining(logger, session.NodeId);
        }

        if (message.Reports.Count > 0)
        {
            HearReports(message.Reports);
        }

        if (message.Heartbeat is not null)
        {
            await RenewAsync(message.Heartbeat, cancellation);
        }

        session.AddCredit(message.Credit);

        // At a heartbeat too: while the node was silent it was passed over.
        if (message.Credit > 0 || (message.Heartbeat is not null && session.Credit > 0))
        {
            await dispatcher.ServeAsync(session, cancellation);
        }
    }

    private void HearReports(IReadOnlyList<TaskReport> reports)
    {
        List<Settlement>? settlements = null;
        foreach (var report in reports)
        {
            var key = new LeaseKey(report.TaskId, report.LeaseToken);
            switch (report.BodyCase)
            {
                case TaskReport.BodyOneofCase.Running:
                    HearRunning(key, report.Running);
                    break;
                case TaskReport.BodyOneofCase.Output:
                    HearOutput(key, report.Output);
                    break;
                case TaskReport.BodyOneofCase.Completed:
                    (settlements ??= []).Add(new CompletedSettlement(key, report.Completed));
                    break;
                case TaskReport.BodyOneofCase.Failed:
                    (settlements ??= []).Add(new FailedSettlement(key, report.Failed));
                    break;
                case TaskReport.BodyOneofCase.GivenBack:
                    (settlements ??= []).Add(new GivenBackSettlement(key, report.GivenBack));
                    break;
            }
        }

        if (settlements is not null)
        {
            foreach (var settlement in settlements)
            {
                session.Release(settlement.Lease);
            }

            // The reading goes on while the commit is under way: the node's free slots need not wait for the disk.
            _ = SettleAsync(settlements);
        }
    }

    private async Task SettleAsync(List<Settlement> settlements)
    {
        IReadOnlyList<ReportOutcome> outcomes;
        try
        {
            ReferToArtifacts(settlements);
            outcomes = await store.SettleAsync(settlements, CancellationToken.None);
        }
        catch (StoreUnusableException error)
        {
            // Not acknowledged: the node keeps its report and brings it again on a new stream.
            LogNotRecorded(logger, settlements.Count, session.NodeId, error.Message);
#pragma warning disable CA1849, MA0042 // As above.
            session.Ended.Cancel();
#pragma warning restore CA1849, MA0042
            return;
        }

        session.Outbox.Add(message =>
        {
            for (var index = 0; index < outcomes.Count; index++)
            {
                message.Acks.Add(new ReportAck
                {
                    TaskId = settlements[index].Lease.TaskId,
                    LeaseToken = settlements[index].Lease.Token,
                    Outcome = outcomes[index],
                });
            }
        });
        for (var index = 0; index < outcomes.Count; index++)
        {
            Count(settlements[index], outcomes[index]);
        }
    }

    // Before the record is written: a file that it names must not be swept away meanwhile.
    private void ReferToArtifacts(List<Settlement> settlements)
    {
        foreach (var completed in settlements.OfType<CompletedSettlement>().Where(each => each.Report.Artifacts.Count > 0))
        {
            var kept = artifacts.Refer(completed.Lease.TaskId, completed.Report.Artifacts);
            completed.Report.Artifacts.Clear();
            completed.Report.Artifacts.Add(kept);
        }
    }

    private void Count(Settlement settlement, ReportOutcome outcome)
    {
        if (outcome == ReportOutcome.LeaseLost)
        {
            LogRefused(logger, settlement.Lease.TaskId, session.NodeId);
        }
        else if (outcome == ReportOutcome.Accepted && settlement is CompletedSettlement or FailedSettlement)
        {
            session.Count(settlement is CompletedSettlement);
        }
    }

    private void HearRunning(LeaseKey key, Running running)
    {
        if (session.Find(key.TaskId) is { } held && held.Lease == key)
        {
            held.Hear(running);
            if (running.Progress.Length > 0)
            {
                board.Of(key.TaskId).Note(held.Attempt, running.Progress);
                peers.Tell(key.TaskId, held.Attempt, running.Progress);
            }
        }
    }

    private void HearOutput(LeaseKey key, OutputChunk chunk)
    {
        if (session.Find(key.TaskId) is { } held && held.Lease == key)
        {
            board.Of(key.TaskId).Append(held.Attempt, chunk);
            peers.Tell(key.TaskId, held.Attempt, chunk);
        }
    }

    private async Task RenewAsync(Heartbeat heartbeat, CancellationToken cancellation)
    {
        IReadOnlyList<LeaseKey> invalid;
        try
        {
            invalid = await store.RenewAsync([.. heartbeat.Held.Select(ToKey)], cancellation);
        }
        catch (StoreUnusableException error)
        {
            // The next heartbeat tries again; a stream that is torn now would only lose the work.
            LogNotRenewed(logger, heartbeat.Held.Count, session.NodeId, error.Message);
            return;
        }

        foreach (var key in invalid)
        {
            // A report on its way may have ended the lease in the regular manner; then nobody needs to be told.
            if (session.Release(key))
            {
                session.Outbox.Add(message => message.End.Add(new EndWork
                {
                    TaskId = key.TaskId,
                    LeaseToken = key.Token,
                    Reason = EndReason.LeaseLost,
                }));
            }
        }
    }

    private Welcome Welcome(List<LeaseKey> kept) => new()
    {
        SchedulerId = schedulerId,
        HeartbeatInterval = Duration.FromTimeSpan(lease.HeartbeatInterval),
        LeaseDuration = Duration.FromTimeSpan(lease.Duration),
        TaskTypes = { types.All },
        Kept = { kept.Select(key => new HeldLease { TaskId = key.TaskId, LeaseToken = key.Token }) },
    };

    private static LeaseKey ToKey(HeldLease held) => new(held.TaskId, held.LeaseToken);

    [LoggerMessage(LogLevel.Warning, "{WorkerNode} came back without {Count} tasks that it held; they are put back")]
    private static partial void LogForgotten(ILogger logger, string workerNode, int count);

    [LoggerMessage(LogLevel.Warning, "{Count} leases of {WorkerNode} could not be renewed: {Reason}")]
    private static partial void LogNotRenewed(ILogger logger, int count, string workerNode, string reason);

    [LoggerMessage(LogLevel.Information, "{WorkerNode} drains and takes no more tasks")]
    private static partial void LogDraining(ILogger logger, string workerNode);

    [LoggerMessage(LogLevel.Error, "{Count} reports of {WorkerNode} could not be recorded: {Reason}")]
    private static partial void LogNotRecorded(ILogger logger, int count, string workerNode, string reason);

    [LoggerMessage(LogLevel.Warning, "A late report on {TaskId} from {WorkerNode} was refused: its lease was lost")]
    private static partial void LogRefused(ILogger logger, string taskId, string workerNode);
}
