using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Tls;
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

    /// <summary>What a node says when a scheduler has welcomed it.</summary>
    public const string Joined = " works for scheduler ";

    /// <summary>What a scheduler says when it takes calls.</summary>
    public const string Listens = "Now listening on";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private const string JoinKey = "the-join-key-of-the-tests";

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("koubou-cluster-");

    private readonly TestAuthority? _authority;
    private readonly (string Certificate, string Key) _shown;

    private RunningCluster(RedisServer? redis, TestAuthority? authority = null)
    {
        Redis = redis;
        _authority = authority;
        _shown = authority?.Issue("schedulers", "127.0.0.1") ?? default;
    }

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

    /// <summary>The same with TLS and a join key.</summary>
    public static async Task<RunningCluster> StartSecureAsync(int schedulers, int nodes, string pieceDelay) => await StartAsync(
        new RunningCluster(await RedisServer.StartAsync(), new TestAuthority("cluster")), schedulers, nodes, pieceDelay);

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

        foreach (var scheduler in cluster.Schedulers)
        {
            await scheduler.SaysAsync(Listens);
        }

        for (var number = 0; number < nodes; number++)
        {
            cluster.AddNode(number, pieceDelay);
        }

        foreach (var node in cluster.Nodes)
        {
            await node.SaysAsync(Joined);
        }

        return cluster;
    }

    /// <summary>Until a scheduler knows a node, as its own or as another's. Default: since the scheduler was started.</summary>
    public Task KnowsAsync(int scheduler, string node, int? from = null) => Schedulers[scheduler].SaysAsync(
        [$"Worker node {node} joined", $"Worker node {node} works at another scheduler"], from);

    /// <summary>Asks one scheduler after the other, until one answers. Gives up after five minutes.</summary>
    public async Task<T> TryAsync<T>(Func<TaskQueue.TaskQueueClient, CallOptions, AsyncUnaryCall<T>> call)
    {
        var clock = Stopwatch.StartNew();
        for (var turn = 0; clock.Elapsed < Patience; turn++)
        {
            // Taken before the call, so that what is written during it counts.
            var sign = Task.WhenAny(Schedulers.Select(scheduler => scheduler.NextLine));
            try
            {
                return await call(
                    Clients[turn % Clients.Count], new CallOptions(deadline: DateTime.UtcNow.AddSeconds(30)).WithWaitForReady());
            }
            catch (RpcException error) when (error.StatusCode
                is StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Internal)
            {
                // It broke off; the next call waits until a scheduler listens.
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.Unavailable)
            {
                // A scheduler that starts says so, and one that cannot reach its server says when that is back.
                await sign.WaitAsync(TimeSpan.FromMinutes(2));
            }
        }

        throw new TimeoutException($"No scheduler answered:\n{Describe()}");
    }

    /// <summary>A scheduler on the same home as the only one, not started.</summary>
    public ClusterProcess SecondOnTheSameHome() => CreateScheduler(number: 0, FreePort.Next());

    /// <summary>Until an attempt of a task has begun.</summary>
    public Task StartedAsync(string id, int attempt) => SeesAsync(
        change => change.Kind == EventKind.Started && change.TaskId == id && change.Attempt == attempt);

    /// <summary>Until the log of changes has one like this.</summary>
    public async Task SeesAsync(Func<TaskEvent, bool> looksLike)
    {
        using var watch = Clients[0].WatchEvents(
            new WatchEventsRequest { FromSequence = 1 },
            new CallOptions(deadline: DateTime.UtcNow.AddMinutes(2)).WithWaitForReady());
        while (await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            if (watch.ResponseStream.Current.Events.Any(looksLike))
            {
                return;
            }
        }

        throw new InvalidOperationException("The log ended before the change came.");
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

        _authority?.Dispose();
        _home.Delete(recursive: true);
    }

    private void AddScheduler(int number)
    {
        var port = FreePort.Next();
        Wires.Add(new BreakableWire(port));
        Schedulers.Add(CreateScheduler(number, port));
        Schedulers[^1].Start();
        var channel = GrpcChannel.ForAddress(
            $"{Scheme}://127.0.0.1:{port}", new GrpcChannelOptions { HttpHandler = CreateHandler() });
        Clients.Add(new TaskQueue.TaskQueueClient(channel.Intercept(new Caller())));
    }

    private string Scheme => _authority is null ? "http" : "https";

    private SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler();
        if (_authority is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { _authority.Certificate },
            };
        }

        return handler;
    }

    private ClusterProcess CreateScheduler(int number, int port)
    {
        var environment = new Dictionary<string, string>
        {
            ["KOUBOU_HOME"] = Path.Combine(_home.FullName, $"scheduler-{number}"),
            ["KOUBOU_GRPC_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["Queue__Lease__Duration"] = LeaseDuration.ToString(),
            ["Queue__Lease__HeartbeatInterval"] = "00:00:01",
            ["Logging__LogLevel__Koubou.Scheduler.Peers"] = "Debug",
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

        if (_authority is not null)
        {
            environment["Koubou__Scheduler__Tls__Certificate"] = _shown.Certificate;
            environment["Koubou__Scheduler__Tls__Key"] = _shown.Key;
            environment["Koubou__Scheduler__JoinKey"] = JoinKey;
        }

        return new ClusterProcess("Koubou.Scheduler.dll", [], environment);
    }

    private void AddNode(int number, string pieceDelay)
    {
        var addresses = string.Join(',', Wires.Select(wire => $"{Scheme}://127.0.0.1:{wire.Port}"));
        List<string> arguments =
            ["--node-id", $"node-{number}", "--max-workers", "4", "--capabilities", "general code", "--scheduler", addresses];
        var environment = new Dictionary<string, string>
        {
            ["KOUBOU_HOME"] = Path.Combine(_home.FullName, $"node-{number}"),
            ["Koubou__Worker__Demo__PieceDelay"] = pieceDelay,
        };
        if (_authority is not null)
        {
            arguments.AddRange(["--join-key", JoinKey]);
            environment["Koubou__Scheduler__Ca"] = _authority.Path;
        }

        Nodes.Add(new ClusterProcess("Koubou.Worker.dll", arguments, environment));
        Nodes[^1].Start();
    }

    // Says the join key, and waits for no answer for ever.
    private sealed class Caller : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            var known = Known(context);
            var deadline = known.Options.Deadline ?? DateTime.UtcNow + Patience;
            return continuation(request, new(known.Method, known.Host, known.Options.WithDeadline(deadline)));
        }

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Known(context));

        private static ClientInterceptorContext<TRequest, TResponse> Known<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context)
            where TRequest : class
            where TResponse : class
        {
            var headers = context.Options.Headers ?? [];
            headers.Add("koubou-join-key", JoinKey);
            return new(context.Method, context.Host, context.Options.WithHeaders(headers));
        }
    }
}
