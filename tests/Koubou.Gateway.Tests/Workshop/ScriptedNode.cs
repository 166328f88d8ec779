using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Koubou.Contracts;

namespace Koubou.Gateway.Tests.Workshop;

/// <summary>A worker node that speaks the real stream and does only what the test says.</summary>
public sealed class ScriptedNode : IAsyncDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<NodeMessage, SchedulerMessage> _call;
    private readonly Channel<Assignment> _assignments = Channel.CreateUnbounded<Assignment>();
    private readonly Channel<EndWork> _ends = Channel.CreateUnbounded<EndWork>();
    private readonly Task _hearing;

    private ScriptedNode(string id, GrpcChannel channel)
    {
        Id = id;
        _channel = channel;
        _call = new WorkerGateway.WorkerGatewayClient(channel).Connect();
        _hearing = HearAsync();
    }

    public string Id { get; }

    public static async Task<ScriptedNode> JoinAsync(string address, string type)
    {
        var node = new ScriptedNode($"node-{type}", GrpcChannel.ForAddress(address));
        await node._call.RequestStream.WriteAsync(new NodeMessage
        {
            Hello = new Hello
            {
                NodeId = node.Id,
                Version = "3.0.0",
                Machine = "bench",
                ProcessId = 42,
                Offer = new NodeOffer
                {
                    Capabilities = { type },
                    Slots = 1,
                    SlotsMax = 1,
                    Backends =
                    {
                        new Backend
                        {
                            Name = "demo", Kind = "demo", Zone = Zone.Local, Healthy = true, Simulated = true,
                            Models = { "demo" },
                        },
                    },
                },
            },
        });
        return node;
    }

    /// <summary>Grants credit for one task and waits for it.</summary>
    public async Task<Assignment> TakeAsync()
    {
        await _call.RequestStream.WriteAsync(new NodeMessage { Credit = 1 });
        return await _assignments.Reader.ReadAsync();
    }

    public Task SayAsync(Assignment work, OutputChunk chunk) => ReportAsync(work, report => report.Output = chunk);

    public Task SayAsync(Assignment work, string progress) =>
        ReportAsync(work, report => report.Running = new Running { Progress = progress, Slot = 1 });

    /// <summary>Keeps a file at the scheduler, as a node does before it reports.</summary>
    public async Task<Artifact> PutAsync(string name, string mediaType, byte[] content)
    {
        using var call = new TaskQueue.TaskQueueClient(_channel).PutArtifact();
        await call.RequestStream.WriteAsync(new ArtifactChunk
        {
            Artifact = new Artifact { Name = name, MediaType = mediaType },
            Data = Google.Protobuf.ByteString.CopyFrom(content),
        });
        await call.RequestStream.CompleteAsync();
        return await call;
    }

    public Task CompleteAsync(
        Assignment work, string output, bool simulated = false, IEnumerable<Artifact>? artifacts = null) =>
        ReportAsync(work, report => report.Completed = new Completed
        {
            Output = output,
            Artifacts = { artifacts ?? [] },
            Facts = new AttemptFacts
            {
                Slot = 1,
                Backend = simulated ? "demo" : "ollama",
                Model = simulated ? "demo" : "gemma2:2b",
                Zone = Zone.Local,
                Simulated = simulated,
                FirstToken = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(120)),
                ModelLoad = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(80)),
                Generation = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(900)),
                Usage = new TokenUsage { PromptTokens = 11, CompletionTokens = 22 },
            },
        });

    public Task FailAsync(Assignment work, string code, string message) =>
        ReportAsync(work, report => report.Failed = new Failed
        {
            Error = new TaskError { Code = code, Message = message, Kind = FailureKind.Permanent },
        });

    /// <summary>Waits until the scheduler ends a piece of work.</summary>
    public async Task<EndWork> EndedAsync() => await _ends.Reader.ReadAsync();

    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        await _hearing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _channel.Dispose();
    }

    private Task ReportAsync(Assignment work, Action<TaskReport> fill)
    {
        var report = new TaskReport { TaskId = work.TaskId, LeaseToken = work.LeaseToken };
        fill(report);
        return _call.RequestStream.WriteAsync(new NodeMessage { Reports = { report } });
    }

    private async Task HearAsync()
    {
        await foreach (var message in _call.ResponseStream.ReadAllAsync())
        {
            foreach (var assignment in message.Assignments)
            {
                await _assignments.Writer.WriteAsync(assignment);
            }

            foreach (var end in message.End)
            {
                await _ends.Writer.WriteAsync(end);
            }
        }
    }
}
