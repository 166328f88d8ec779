using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Hosting;

/// <summary>A worker node whose every word the test chooses.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly AsyncDuplexStreamingCall<NodeMessage, SchedulerMessage> _call;
    private readonly Queue<Assignment> _waiting = [];

    private ScriptedNode(AsyncDuplexStreamingCall<NodeMessage, SchedulerMessage> call) => _call = call;

    public static async Task<ScriptedNode> ConnectAsync(
        WorkerGateway.WorkerGatewayClient client, string id, int credit, Action<NodeOffer>? change)
    {
        var offer = new NodeOffer
        {
            Capabilities = { "*" },
            Backends = { new Backend { Name = "ollama", Kind = "ollama", Zone = Zone.Local, Healthy = true } },
            Slots = Math.Max(1, credit),
            SlotsMax = Math.Max(1, credit),
        };
        change?.Invoke(offer);
        return await ConnectAsync(client, new Hello { NodeId = id, Machine = "test", ProcessId = 1, Offer = offer }, credit);
    }

    public static async Task<ScriptedNode> ConnectAsync(WorkerGateway.WorkerGatewayClient client, Hello hello, int credit)
    {
        var node = new ScriptedNode(client.Connect());
        await node.SayAsync(new NodeMessage { Hello = hello, Credit = credit });
        await node.HearAsync(message => message.Welcome is not null);
        return node;
    }

    public Task SayAsync(NodeMessage message) => _call.RequestStream.WriteAsync(message);

    /// <summary>The next task that comes.</summary>
    public async Task<Assignment> TakeAsync()
    {
        if (_waiting.Count == 0)
        {
            await HearAsync(_ => _waiting.Count > 0);
        }

        return _waiting.Dequeue();
    }

    /// <summary>Completes a task, and waits until that is on record.</summary>
    public async Task CompleteAsync(Assignment task, string output, AttemptFacts? facts = null)
    {
        await SayAsync(new NodeMessage
        {
            Reports =
            {
                new TaskReport
                {
                    TaskId = task.TaskId,
                    LeaseToken = task.LeaseToken,
                    Completed = new Completed { Output = output, Facts = facts ?? new AttemptFacts() },
                },
            },
            Credit = 1,
        });
        await HearAsync(message => message.Acks.Any(ack => ack.TaskId == task.TaskId));
    }

    /// <summary>Reads until a message is as wanted; assignments on the way are kept.</summary>
    public async Task<SchedulerMessage> HearAsync(Func<SchedulerMessage, bool> isWanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await _call.ResponseStream.MoveNext(limit.Token))
        {
            foreach (var assignment in _call.ResponseStream.Current.Assignments)
            {
                _waiting.Enqueue(assignment);
            }

            if (isWanted(_call.ResponseStream.Current))
            {
                return _call.ResponseStream.Current;
            }
        }

        throw new InvalidOperationException("The scheduler ended the stream.");
    }

    /// <summary>Reads until the scheduler ends the stream, and lets go of it then, as a node does.</summary>
    public async Task HearTheEndAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                // What still comes is for nobody.
            }
        }
        catch (RpcException)
        {
            // Ended.
        }

        _call.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _call.RequestStream.CompleteAsync();
        _call.Dispose();
    }
}
