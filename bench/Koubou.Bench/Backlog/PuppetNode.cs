using Grpc.Core;
using Grpc.Net.Client;
using Koubou.Contracts;

namespace Koubou.Bench.Backlog;

/// <summary>A worker node that takes as many tasks as it is told to, and answers each at once.</summary>
internal sealed class PuppetNode : IAsyncDisposable
{
    private const int Slots = 64;

    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<NodeMessage, SchedulerMessage> _call;

    private PuppetNode(GrpcChannel channel)
    {
        _channel = channel;
        _call = new WorkerGateway.WorkerGatewayClient(channel).Connect();
    }

    public static async Task<PuppetNode> ConnectAsync(Workshop workshop)
    {
        var node = new PuppetNode(workshop.Connect());
        await node._call.RequestStream.WriteAsync(new NodeMessage
        {
            Hello = new Hello
            {
                NodeId = "puppet",
                Machine = Environment.MachineName,
                ProcessId = Environment.ProcessId,
                Offer = new NodeOffer
                {
                    Capabilities = { "*" },
                    Backends = { new Backend { Name = "none", Zone = Zone.Local, Healthy = true } },
                    Slots = Slots,
                    SlotsMax = Slots,
                },
            },
        });
        await node._call.ResponseStream.MoveNext(CancellationToken.None);
        return node;
    }

    /// <summary>Leases and completes so many tasks, until the last answer is on record.</summary>
    public async Task WorkOffAsync(int tasks)
    {
        var granted = Math.Min(Slots, tasks);
        await _call.RequestStream.WriteAsync(new NodeMessage { Credit = granted });
        for (var recorded = 0; recorded < tasks;)
        {
            await _call.ResponseStream.MoveNext(CancellationToken.None);
            var message = _call.ResponseStream.Current;
            recorded += message.Acks.Count;
            if (message.Assignments.Count > 0)
            {
                var credit = Math.Min(message.Assignments.Count, tasks - granted);
                granted += credit;
                await _call.RequestStream.WriteAsync(Answer(message.Assignments, credit));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _call.RequestStream.CompleteAsync();
        _call.Dispose();
        _channel.Dispose();
    }

    private static NodeMessage Answer(IEnumerable<Assignment> assignments, int credit) => new()
    {
        Credit = credit,
        Reports =
        {
            assignments.Select(task => new TaskReport
            {
                TaskId = task.TaskId,
                LeaseToken = task.LeaseToken,
                Completed = new Completed { Output = "done", Facts = new AttemptFacts() },
            }),
        },
    };
}
