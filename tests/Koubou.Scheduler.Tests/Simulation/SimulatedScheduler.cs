using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Artifacts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Events;
using Koubou.Scheduler.Grpc;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Output;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Sqlite;
using Koubou.Scheduler.Submission;
using Koubou.Scheduler.Tasks;
using Koubou.Scheduler.TaskTypes;
using Koubou.Scheduler.Telemetry;
using Koubou.ServiceDefaults.Home;
using Microsoft.Extensions.Logging.Abstractions;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>
/// One life of a scheduler: the real store on a real database, the real dispatcher and the real dialogue with nodes. Only
/// its disk commits when the simulation says so, and its threads are the simulation's one.
/// </summary>
internal sealed class SimulatedScheduler
{
    private readonly World _world;
    private readonly WorkerGatewayService _gateway;
    private readonly List<SimulatedLink> _links = [];

    private SimulatedScheduler(World world, string home, Random random)
    {
        _world = world;
        Ids = new TaskIdSource(world.Clock);
        Store = new SqliteQueueStore(
            new KoubouHome(home),
            new SqliteOptions(),
            new LeaseOptions(),
            new BackoffOptions(),
            new OrderOptions(),
            new SubmitLimits(),
            Ids,
            world.Clock,
            random,
            NullLogger.Instance,
            commitsByHand: true);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddOptions();
        services.Configure<LeaseOptions>(lease => lease.Ahead = world.LeasesAhead);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<TimeProvider>(world.Clock);
        Troubles = world.HasTroubledStore ? TroubledStore.Before(Store) : null;
        services.AddSingleton((IQueueStore?)(object?)Troubles ?? Store);
        services.AddSingleton<IHostApplicationLifetime>(new Lifetime());
        services.AddSingleton(new KoubouHome(home));
        services.AddSingleton<IPeers, NoPeers>();
        services.AddSingleton<ArtifactStore>();
        services.AddSingleton<TaskTypeRegistry>();
        services.AddSingleton<NodeDoor>();
        services.AddSingleton<NodeRegistry>();
        services.AddSingleton<NodeDialogueFactory>();
        services.AddSingleton<DependencyInputs>();
        services.AddSingleton<LeaseDesk>();
        services.AddSingleton<Dispatcher>();
        services.AddSingleton<OutputBoard>();
        services.AddSingleton<SchedulerTelemetry>();
        services.AddSingleton<IEventListener, CancelledWork>();
        services.AddSingleton<EventFollower>();
        services.AddSingleton<WorkerGatewayService>();
        Provider = services.BuildServiceProvider();
        _gateway = Provider.GetRequiredService<WorkerGatewayService>();
    }

    public SqliteQueueStore Store { get; }

    /// <summary>What stands before the store, where the world has troubles of it.</summary>
    public TroubledStore? Troubles { get; }

    public TaskIdSource Ids { get; }

    private ServiceProvider Provider { get; }

    private CancellationTokenSource Stopping { get; } = new();

    public static SimulatedScheduler Start(World world, string home, Random random)
    {
        var scheduler = new SimulatedScheduler(world, home, random);
        var opened = scheduler.Store.OpenAsync(CancellationToken.None);
        world.Threads.Drain();
        while (!opened.IsCompleted && scheduler.Store.CommitOnce())
        {
            // Blocked tasks may learn of their dependencies only now, and that is written first.
            world.Threads.Drain();
        }

        if (!opened.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("The store did not open.", opened.Exception);
        }

        _ = scheduler.Provider.GetRequiredService<Dispatcher>().RunAsync(scheduler.Stopping.Token);
        _ = scheduler.Provider.GetRequiredService<EventFollower>().RunAsync(scheduler.Stopping.Token);
        return scheduler;
    }

    public void Accept(SimulatedLink link, Action ended)
    {
        _links.Add(link);
        _ = ServeAsync();

        async Task ServeAsync()
        {
            try
            {
                await _gateway.Connect(link, link, new CallContext(link.CallEnded.Token));
                if (!link.IsBroken)
                {
                    ended();
                }
            }
            catch (RpcException)
            {
                ended();
            }
            catch (ObjectDisposedException) when (Stopping.IsCancellationRequested)
            {
                // A crashed scheduler's code comes to nothing.
            }
        }
    }

    /// <summary>What was not committed is lost; nobody is told anything.</summary>
    public void Crash()
    {
        foreach (var link in _links)
        {
            link.Cut();
        }

        Stopping.Cancel();
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        Store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        SynchronizationContext.SetSynchronizationContext(context);
        _world.Threads.Drain();
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }

    /// <summary>Of a call, the gateway reads only when it ends.</summary>
    private sealed class CallContext(CancellationToken ended) : ServerCallContext
    {
        protected override string MethodCore => "Connect";

        protected override string HostCore => "simulated";

        protected override string PeerCore => "simulated";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore => [];

        protected override CancellationToken CancellationTokenCore => ended;

        protected override Metadata ResponseTrailersCore => [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore => new("", []);

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
            throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
