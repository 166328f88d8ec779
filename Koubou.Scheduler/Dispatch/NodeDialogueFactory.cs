using Koubou.Contracts;
using Koubou.Scheduler.Artifacts;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Output;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.TaskTypes;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Dispatch;

/// <summary>Opens and closes dialogues with nodes.</summary>
internal sealed partial class NodeDialogueFactory(
    IQueueStore store,
    Dispatcher dispatcher,
    LeaseDesk desk,
    OutputBoard board,
    IPeers peers,
    TaskTypeRegistry types,
    ArtifactStore artifacts,
    IOptions<LeaseOptions> lease,
    IOptions<NodeOptions> options,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<NodeDialogueFactory> logger)
{
    public NodeSession CreateSession(Hello hello) => new(hello, desk.OpenAhead(), time.GetUtcNow());

    public NodeDialogue Create(NodeSession session) =>
        new(
            session, store, dispatcher, board, peers, types, artifacts, lease.Value, time,
            options.Value.Id, logger, lifetime.ApplicationStopping);

    /// <summary>
    /// Puts back what a node held when its stream ended, at once. When this scheduler itself stops, the leases stay: the
    /// node goes on and claims them from the next one. What it was not given yet goes back in any case.
    /// </summary>
    public async Task CloseAsync(NodeSession session)
    {
        // First of all: from now on it is given nothing.
        var leases = session.ReleaseAll();
        if (leases.Count > 0 && !lifetime.ApplicationStopping.IsCancellationRequested
            && !session.Ended.IsCancellationRequested)
        {
            await PutBackAsync(session, leases);
        }

        // What is on its way goes back as it comes.
        await desk.GiveBackAsync(session, session.Ahead.Close());
        await session.Quiet;
    }

    private async Task PutBackAsync(NodeSession session, IReadOnlyList<LeaseKey> leases)
    {
        LogLost(logger, session.NodeId, leases.Count);
        var reason = $"Worker node '{session.NodeId}' went away while it worked.";
        try
        {
            await store.SettleAsync(
                [.. leases.Select(lease => new LostSettlement(lease, reason))], CancellationToken.None);
        }
        catch (StoreUnusableException error)
        {
            // Their leases run out by the clock instead.
            LogNotPutBack(logger, leases.Count, session.NodeId, error.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The stream of {WorkerNode} ended with {Count} tasks under way; they are put back")]
    private static partial void LogLost(ILogger logger, string workerNode, int count);

    [LoggerMessage(LogLevel.Error, "{Count} tasks of {WorkerNode} wait for their leases to run out: {Reason}")]
    private static partial void LogNotPutBack(ILogger logger, int count, string workerNode, string reason);
}
