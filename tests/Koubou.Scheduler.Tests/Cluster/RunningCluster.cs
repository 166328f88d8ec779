using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Koubou.Contracts;
using Koubou.Scheduler.Tests.Stores;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>A redis-server, schedulers that share it, and worker nodes that know them all; each a process of its own.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("koubou-cluster-");
    private readonly List<int> _ports = [];

    private RunningCluster(RedisServer redis) => Redis = redis;

    public RedisServer Redis { get; }

    public List<ClusterProcess> Schedulers { get; } = [];

    public List<ClusterProcess> Nodes { get; } = [];

    /// <summary>A client of each scheduler.</summary>
    public List<TaskQueue.TaskQueueClient> Clients { get; } = [];

    public static async Task<RunningCluster> StartAsync(int schedulers, int nodes, string pieceDelay = "00:00:00.001")
    {
        var cluster = new RunningCluster(await RedisServer.StartAsync());
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

    /// <summary>What each process wrote last.</summary>
    public string Describe() => string.Join(
        "\n----\n", Schedulers.Concat(Nodes).Select(process => process.Log));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Nodes.Concat(Schedulers))
        {
            process.Dispose();
        }

        await Redis.DisposeAsync();
        _home.Delete(recursive: true);
    }

    private static Task<WorkshopStatus> ReadyAsync(TaskQueue.TaskQueueClient client) => client.GetStatusAsync(
        new StatusRequest(),
        new CallOptions(deadline: DateTime.UtcNow.AddMinutes(2)).WithWaitForReady()).ResponseAsync;

    private void AddScheduler(int number)
    {
        var port = FreePort();
        _ports.Add(port);
        Schedulers.Add(new ClusterProcess("Koubou.Scheduler.dll", [], new Dictionary<string, string>
        {
            ["KOUBOU_HOME"] = Path.Combine(_home.FullName, $"scheduler-{number}"),
            ["KOUBOU_GRPC_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort()}",
            ["Koubou__Queue"] = "redis",
            ["ConnectionStrings__redis"] = Redis.Address,
            ["Queue__Lease__Duration"] = "00:00:04",
            ["Queue__Lease__HeartbeatInterval"] = "00:00:01",
        }));
        Schedulers[^1].Start();
        Clients.Add(new TaskQueue.TaskQueueClient(GrpcChannel.ForAddress($"http://127.0.0.1:{port}")));
    }

    private void AddNode(int number, string pieceDelay)
    {
        var addresses = string.Join(',', _ports.Select(port => $"http://127.0.0.1:{port}"));
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
