using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Koubou.Contracts;
using Koubou.Scheduler.Tests.Stores;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>
/// Schedulers, the server under them if their engine has one, and worker nodes that know all of them; each a process of its
/// own.
/// </summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    /// <summary>How long a lease lives here without a heartbeat, of which there is one each second.</summary>
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(4);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("koubou-cluster-");

    private RunningCluster(RedisServer? redis) => Redis = redis;

    /// <summary>The server of the queue. Null: the queue is the only scheduler's own file.</summary>
    public RedisServer? Redis { get; }

    /// <summary>The broker, where it carries the queue and Redis keeps its records.</summary>
    public RabbitServer? Rabbit { get; private init; }

    public List<ClusterProcess> Schedulers { get; } = [];

    public List<ClusterProcess> Nodes { get; } = [];

    /// <summary>A client of each scheduler.</summary>
    public List<TaskQueue.TaskQueueClient> Clients { get; } = [];

    /// <summary>The way from the nodes to the schedulers, one for each scheduler.</summary>
    public List<BreakableWire> Wires { get; } = [];

    /// <summary>Schedulers that share a redis-server.</summary>
    public static async Task<RunningCluster> StartAsync(int schedulers, int nodes, string pieceDelay = "00:00:00.001") =>
        await StartAsync(new RunningCluster(await RedisServer.StartAsync()), schedulers, nodes, pieceDelay);

    /// <summary>Schedulers on a broker, with records in Redis.</summary>
    public static async Task<RunningCluster> StartOnRabbitAsync(
        int schedulers, int nodes, string pieceDelay = "00:00:00.001") => await StartAsync(
        new RunningCluster(await RedisServer.StartAsync()) { Rabbit = await RabbitServer.StartAsync() },
        schedulers, nodes, pieceDelay);

    /// <summary>One scheduler on SQLite.</summary>
    public static Task<RunningCluster> StartOnSqliteAsync(int nodes, string pieceDelay = "00:00:00.001") =>
        StartAsync(new RunningCluster(redis: null), schedulers: 1, nodes, pieceDelay);

    private static async Task<RunningCluster> StartAsync(
        RunningCluster cluster, int schedulers, int nodes, string pieceDelay)
    {
        for (var number = 0; number < schedulers; number++)
        {
            cluster.AddScheduler(number);
        }

        foreach (var client in cluster.Clients)
        {
            await ReadyAsync(client);
        }

        for (var number = 0; number < nodes; number++)
        {
            cluster.AddNode(number, pieceDelay);
        }

        await cluster.WaitForAsync(status => status.Nodes == nodes);
        return cluster;
    }

    /// <summary>Until the first scheduler says so.</summary>
    public async Task WaitForAsync(Func<WorkshopStatus, bool> reached, int scheduler = 0)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        WorkshopStatus? last = null;
        try
        {
            while (true)
            {
                try
                {
                    last = await Clients[scheduler].GetStatusAsync(new StatusRequest(), cancellationToken: over.Token);
                    if (reached(last))
                    {
                        return;
                    }
                }
                catch (RpcException error) when (error.StatusCode == StatusCode.Unavailable)
                {
                    // It is being killed, or starts.
                }

                await Task.Delay(100, over.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or RpcException)
        {
            throw new TimeoutException($"Not reached. The last status: {last}\n{Describe()}", error);
        }
    }

    /// <summary>Asks one scheduler after the other, until one answers.</summary>
    public async Task<T> TryAsync<T>(Func<TaskQueue.TaskQueueClient, Task<T>> call)
    {
        for (var turn = 0; ; turn++)
        {
            try
            {
                return await call(Clients[turn % Clients.Count]);
            }
            catch (RpcException error) when (turn < 3_000
                && error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Internal)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Until an attempt of a task has begun.</summary>
    public async Task StartedAsync(string id, int attempt)
    {
        using var watch = Clients[0].WatchEvents(
            new WatchEventsRequest { FromSequence = 1 }, deadline: DateTime.UtcNow.AddMinutes(2));
        while (await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            if (watch.ResponseStream.Current.Events.Any(
                change => change.Kind == EventKind.Started && change.TaskId == id && change.Attempt == attempt))
            {
                return;
            }
        }

        throw new InvalidOperationException($"The log ended before attempt {attempt} of {id}.");
    }

    /// <summary>What each process wrote last.</summary>
    public string Describe() => string.Join(
        "\n----\n", Schedulers.Concat(Nodes).Select(process => process.Log));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Nodes.Concat(Schedulers))
        {
            process.Dispose();
        }

        foreach (var wire in Wires)
        {
            wire.Dispose();
        }

        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }

        if (Rabbit is not null)
        {
            await Rabbit.DisposeAsync();
        }

        _home.Delete(recursive: true);
    }

    private static Task<WorkshopStatus> ReadyAsync(TaskQueue.TaskQueueClient client) => client.GetStatusAsync(
        new StatusRequest(),
        new CallOptions(deadline: DateTime.UtcNow.AddMinutes(2)).WithWaitForReady()).ResponseAsync;

    private void AddScheduler(int number)
    {
        var port = FreePort();
        Wires.Add(new BreakableWire(port));
        var environment = new Dictionary<string, string>
        {
            ["KOUBOU_HOME"] = Path.Combine(_home.FullName, $"scheduler-{number}"),
            ["KOUBOU_GRPC_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort()}",
            ["Queue__Lease__Duration"] = LeaseDuration.ToString(),
            ["Queue__Lease__HeartbeatInterval"] = "00:00:01",
        };
        if (Redis is not null)
        {
            environment["Koubou__Queue"] = "redis";
            environment["ConnectionStrings__redis"] = Redis.Address;
        }

        if (Rabbit is not null)
        {
            environment["Koubou__Queue"] = "rabbitmq";
            environment["Queue__RabbitMq__Records"] = "redis";
            environment["ConnectionStrings__rabbitmq"] = Rabbit.Address;
        }

        Schedulers.Add(new ClusterProcess("Koubou.Scheduler.dll", [], environment));
        Schedulers[^1].Start();
        Clients.Add(new TaskQueue.TaskQueueClient(GrpcChannel.ForAddress($"http://127.0.0.1:{port}")));
    }

    private void AddNode(int number, string pieceDelay)
    {
        var addresses = string.Join(',', Wires.Select(wire => $"http://127.0.0.1:{wire.Port}"));
        Nodes.Add(new ClusterProcess(
            "Koubou.Worker.dll",
            ["--node-id", $"node-{number}", "--max-workers", "4", "--scheduler", addresses],
            new Dictionary<string, string>
            {
                ["KOUBOU_HOME"] = Path.Combine(_home.FullName, $"node-{number}"),
                ["Koubou__Worker__Demo__PieceDelay"] = pieceDelay,
            }));
        Nodes[^1].Start();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
