using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Grpc;

/// <summary>The door of the worker nodes: one stream a node.</summary>
internal sealed partial class WorkerGatewayService(
    NodeDoor door, NodeRegistry nodes, IPeers peers, NodeDialogueFactory dialogues, ILogger<WorkerGatewayService> logger)
    : WorkerGateway.WorkerGatewayBase
{
    public override async Task Connect(
        IAsyncStreamReader<NodeMessage> requestStream,
        IServerStreamWriter<SchedulerMessage> responseStream,
        ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken))
        {
            return;
        }

        var first = requestStream.Current;
        Refuse(first.Hello);
        var session = dialogues.CreateSession(first.Hello);
        if (!await peers.TryClaimAsync(session) || !nodes.TryAdd(session, out var before))
        {
            throw new RpcException(new Status(
                StatusCode.AlreadyExists,
                $"Another worker node is connected as '{session.NodeId}'. Give this one an id of its own with --node-id."));
        }

        var ending = "the node closed its stream";
        try
        {
            // Before the node is asked what it holds: of what was leased for it on an earlier stream it may know nothing.
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, session.Ended.Token);
            foreach (var each in before)
            {
                await each.Left.WaitAsync(ended.Token);
            }

            LogJoined(logger, session.NodeId, session.Offer.SlotsMax, session.Offer.Capabilities);
            await dialogues.Create(session).RunAsync(first, requestStream, responseStream, context.CancellationToken);
        }
        catch (StoreUnusableException error)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, error.Message));
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            ending = session.Ended.IsCancellationRequested ? "the node opened a new stream" : "the stream broke";
        }
        finally
        {
            nodes.Remove(session);
            try
            {
                if (nodes.Find(session.NodeId) is null)
                {
                    await peers.ReleaseAsync(session);
                }

                await dialogues.CloseAsync(session);
            }
            finally
            {
                nodes.Forget(session);
            }

            LogLeft(logger, session.NodeId, ending);
        }
    }

    private void Refuse(Hello? hello)
    {
        if (NodeDoor.FindFault(hello) is { } fault)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, fault));
        }

        if (!door.Knows(hello!))
        {
            throw new RpcException(new Status(
                StatusCode.Unauthenticated,
                "This workshop asks for a join key. Start the worker node with --join-key and the key of the scheduler."));
        }
    }

    [LoggerMessage(LogLevel.Information, "Worker node {WorkerNode} joined with up to {Slots} slots for {Capabilities}")]
    private static partial void LogJoined(ILogger logger, string workerNode, int slots, IEnumerable<string> capabilities);

    [LoggerMessage(LogLevel.Information, "Worker node {WorkerNode} left: {Ending}")]
    private static partial void LogLeft(ILogger logger, string workerNode, string ending);
}
