using System.Diagnostics;
using Grpc.Net.Client;
using Koubou.Contracts;

namespace Koubou.Bench;

/// <summary>A scheduler and, if wanted, a node with eight craftsmen, as processes of their own on a fresh database.</summary>
internal sealed class Workshop : IAsyncDisposable
{
    /// <summary>The worker node's.</summary>
    public const string NodeId = "bench";

    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("koubou-bench-");
    private readonly int port = FreePort.Next();
    private readonly Process scheduler;
    private readonly GrpcChannel channel;
    private Process? node;

    private readonly RedisServer? redis;

    private Workshop(RedisServer? redis, IReadOnlyDictionary<string, string> schedulerSettings)
    {
        this.redis = redis;
        var program = Path.Combine(AppContext.BaseDirectory, "Koubou.Scheduler.dll");
        var environment = new Dictionary<string, string>(schedulerSettings)
        {
            ["KOUBOU_HOME"] = home.FullName,
            ["KOUBOU_GRPC_PORT"] = $"{port}",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["LOG_LEVEL"] = "WARNING",
            ["Koubou__TaskTypes__noop__Description"] = "Does nothing.",
        };
        if (redis is not null)
        {
            environment["Koubou__Queue"] = "redis";
            environment["ConnectionStrings__redis"] = redis.Address;
        }

        scheduler = Processes.Start(program, [], environment);
        _ = Drain(scheduler);
        channel = Connect();
        Client = new TaskQueue.TaskQueueClient(channel);
    }

    public TaskQueue.TaskQueueClient Client { get; }

    /// <summary>The scheduler's.</summary>
    public string Address => $"http://127.0.0.1:{port}";

    /// <summary>Processor time of the scheduler and of the server under it.</summary>
    public TimeSpan ServerTime => Refreshed(scheduler).TotalProcessorTime + (redis?.ProcessorTime ?? TimeSpan.Zero);

    /// <summary>Memory of the scheduler and of the server under it.</summary>
    public long MemoryBytes => Refreshed(scheduler).WorkingSet64 + (redis?.MemoryBytes ?? 0);

    /// <summary>Settings of a scheduler whose queue a broker carries, with its records in SQLite.</summary>
    public static IReadOnlyDictionary<string, string> On(RabbitServer rabbit, bool quorum) =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Koubou__Queue"] = "rabbitmq",
            ["ConnectionStrings__rabbitmq"] = rabbit.Address,
            ["Queue__RabbitMq__Quorum"] = $"{quorum}",
            ["Queue__RabbitMq__Queue"] = quorum ? "quorum" : "classic",
        };

    /// <param name="withNode">With a worker node.</param>
    /// <param name="nodeSettings">What its command line says beyond the usual.</param>
    public static Task<Workshop> OpenAsync(bool withNode, params IReadOnlyList<string> nodeSettings) =>
        OpenAsync(withNode, redis: null, nodeSettings);

    /// <param name="withNode">With a worker node.</param>
    /// <param name="redis">The queue's server. Null: SQLite.</param>
    /// <param name="nodeSettings">What the node's command line says beyond the usual.</param>
    public static Task<Workshop> OpenAsync(
        bool withNode, RedisServer? redis, params IReadOnlyList<string> nodeSettings) =>
        OpenAsync(withNode, redis, new Dictionary<string, string>(StringComparer.Ordinal), nodeSettings);

    /// <param name="withNode">With a worker node.</param>
    /// <param name="redis">The queue's server. Null: SQLite.</param>
    /// <param name="schedulerSettings">What the scheduler's environment says beyond the usual.</param>
    /// <param name="nodeSettings">What the node's command line says beyond the usual.</param>
    public static async Task<Workshop> OpenAsync(
        bool withNode, RedisServer? redis, IReadOnlyDictionary<string, string> schedulerSettings,
        params IReadOnlyList<string> nodeSettings)
    {
        var workshop = new Workshop(redis, schedulerSettings);
        await workshop.Client.GetStatusAsync(new StatusRequest(), new Grpc.Core.CallOptions().WithWaitForReady());
        if (withNode)
        {
            await workshop.StartNodeAsync(nodeSettings);
        }

        return workshop;
    }

    /// <summary>A connection of its own, as another client would have.</summary>
    public GrpcChannel Connect() => GrpcChannel.ForAddress(
        $"http://127.0.0.1:{port}", new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });

    /// <summary>Follows the log until so many tasks have succeeded.</summary>
    public async Task WaitForSuccessesAsync(int count, long from)
    {
        using var watch = Client.WatchEvents(new WatchEventsRequest { FromSequence = from });
        while (count > 0 && await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            count -= watch.ResponseStream.Current.Events.Count(change => change.Kind == EventKind.Succeeded);
        }
    }

    /// <summary>Processor time used so far, by process.</summary>
    public IReadOnlyList<(string Process, Func<TimeSpan> Used)> Meters =>
    [
        ("scheduler", () => Refreshed(scheduler).TotalProcessorTime),
        ("node", () => node is null ? TimeSpan.Zero : Refreshed(node).TotalProcessorTime),
        ("submitter", () => Environment.CpuUsage.TotalTime),
    ];

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        foreach (var process in (Process?[])[node, scheduler])
        {
            if (process is not null)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
                process.Dispose();
            }
        }

        home.Delete(recursive: true);
    }

    private async Task StartNodeAsync(IReadOnlyList<string> settings)
    {
        node = Processes.Start(
            Processes.Self,
            [
                "node", "--node-id", NodeId, "--max-workers", "8", "--capabilities", "noop general",
                "--scheduler", $"http://127.0.0.1:{port}", .. settings,
            ],
            new Dictionary<string, string> { ["KOUBOU_HOME"] = home.FullName, ["LOG_LEVEL"] = "WARNING" });
        _ = Drain(node);

        // The first answer tells that the node has joined and that both are warm enough to begin.
        var reply = await Client.SubmitAsync(Batch(1));
        await Client.WaitAsync(new WaitRequest
        {
            Ids = { reply.Receipts[0].Id },
            Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMinutes(1)),
        });
    }

    /// <summary>Tasks that do nothing, of ten priorities or of one.</summary>
    public static SubmitRequest Batch(int size, bool priorities = true)
    {
        var request = new SubmitRequest();
        for (var number = 0; number < size; number++)
        {
            request.Tasks.Add(new TaskSpec { Type = "noop", Prompt = PromptText, Priority = priorities ? 1 + (number % 10) : 5 });
        }

        return request;
    }

    private static readonly string PromptText = new('x', 100);

    private static Process Refreshed(Process process)
    {
        process.Refresh();
        return process;
    }

    private static async Task Drain(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            await Console.Error.WriteLineAsync(line);
        }
    }
}
