
using Grpc.Core;
using Grpc.Net.Client;
using Koubou.Contracts;

[assembly: AssemblyFixture(typeof(Koubou.Gateway.Tests.Workshop.WorkshopFixture))]

namespace Koubou.Gateway.Tests.Workshop;

/// <summary>One scheduler and one gateway for all tests that need nothing special of them.</summary>
public sealed class WorkshopFixture : IAsyncLifetime
{
    /// <summary>Registered task types t0, t1, …: each test takes its own, so that tests do not take each other's tasks.</summary>
    public const int TypesMax = 200;

    private int _types = -1;

    public string Home { get; } = Directory.CreateTempSubdirectory("koubou-gateway-").FullName;

    public SchedulerHost Scheduler { get; private set; } = null!;

    public GatewayHost Gateway { get; private set; } = null!;

    public HttpClient Http => Gateway.Http;

    /// <summary>A workshop of its own, for a test that makes the scheduler fail.</summary>
    public static async Task<WorkshopFixture> StartAsync()
    {
        var workshop = new WorkshopFixture();
        await workshop.InitializeAsync();
        return workshop;
    }

    public async ValueTask InitializeAsync()
    {
        Scheduler = await SchedulerHost.StartAsync(Home);
        Gateway = StartGateway();
    }

    public string NewType() => $"t{Interlocked.Increment(ref _types)}";

    /// <summary>One more gateway of this workshop, otherwise configured; it lives as long as the caller keeps it.</summary>
    public GatewayHost StartGateway(params (string Key, string Value)[] settings) =>
        StartGateway(services => { }, settings);

    /// <param name="addServices">What the test adds to the gateway's own services.</param>
    /// <param name="settings">Settings above those of the gateway's files.</param>
    public GatewayHost StartGateway(
        Action<Microsoft.Extensions.DependencyInjection.IServiceCollection> addServices,
        params (string Key, string Value)[] settings) => GatewayHost.Start(
        Home,
        addServices,
        [("Koubou:Scheduler:Address", Scheduler.Address), ("Koubou:Web:Address", "http://127.0.0.1:9"), .. settings]);

    /// <summary>Waits until the log of changes holds that change of that task.</summary>
    public async Task HappenedAsync(string taskId, EventKind kind)
    {
        using var channel = GrpcChannel.ForAddress(Scheduler.Address);
        var request = new WatchEventsRequest { FromSequence = 1, TaskIds = { taskId } };
        using var call = new TaskQueue.TaskQueueClient(channel).WatchEvents(request);
        await foreach (var batch in call.ResponseStream.ReadAllAsync())
        {
            if (batch.Events.Any(change => change.Kind == kind))
            {
                return;
            }
        }
    }

    /// <summary>A worker node whose every step the test decides.</summary>
    public Task<ScriptedNode> JoinAsync(string type) => ScriptedNode.JoinAsync(Scheduler.Address, type);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Scheduler.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }
}
