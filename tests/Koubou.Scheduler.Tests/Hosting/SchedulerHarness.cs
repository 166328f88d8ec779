using System.Net;
using Grpc.Net.Client;
using Koubou.Contracts;
using Koubou.Contracts.Scaling;
using Koubou.Scheduler.Hosting;
using Koubou.ServiceDefaults;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Koubou.Scheduler.Tests.Hosting;

/// <summary>A real scheduler on a real port and database, with a client of it.</summary>
internal sealed class SchedulerHarness : IAsyncDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("koubou-test-").FullName;
    private WebApplication _app = null!;
    private GrpcChannel _channel = null!;

    public TaskQueue.TaskQueueClient Queue { get; private set; } = null!;

    public ExternalScaler.ExternalScalerClient Scaler { get; private set; } = null!;

    public string Home => _home;

    public static async Task<SchedulerHarness> StartAsync(params string[] settings)
    {
        var harness = new SchedulerHarness();
        await harness.OpenAsync(settings);
        return harness;
    }

    /// <summary>Comes back on the same database.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync([]);
    }

    /// <summary>A worker node that does what the test says, over the real protocol.</summary>
    public Task<ScriptedNode> ConnectAsync(string id, int credit = 1, Action<NodeOffer>? change = null) =>
        ScriptedNode.ConnectAsync(new WorkerGateway.WorkerGatewayClient(_channel), id, credit, change);

    public Task<ScriptedNode> ConnectAsync(Hello hello) => ScriptedNode.ConnectAsync(new WorkerGateway.WorkerGatewayClient(_channel), hello, credit: 1);

    public async Task<string> SubmitAsync(string prompt, Action<TaskSpec>? change = null) =>
        (await SubmitAsync([Spec(prompt, change)])).Single();

    public async Task<IReadOnlyList<string>> SubmitAsync(params TaskSpec[] specs) =>
        [.. (await Queue.SubmitAsync(new SubmitRequest { Tasks = { specs } })).Receipts.Select(receipt => receipt.Id)];

    public static TaskSpec Spec(string prompt, Action<TaskSpec>? change = null)
    {
        var spec = new TaskSpec { Prompt = prompt };
        change?.Invoke(spec);
        return spec;
    }

    public Task<TaskRecord> GetAsync(string id) =>
        Queue.GetAsync(new GetRequest { Id = id, IncludeOutput = true }).ResponseAsync;

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_home, recursive: true);
    }

    private async Task OpenAsync(string[] settings)
    {
        var builder = WebApplication.CreateBuilder([$"--KOUBOU_HOME={_home}", .. settings]);
        builder.AddServiceDefaults("scheduler");
        builder.Logging.ClearProviders();
        builder.AddTaskQueue();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapTaskQueue();
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _channel = GrpcChannel.ForAddress(address);
        Queue = new TaskQueue.TaskQueueClient(_channel);
        Scaler = new ExternalScaler.ExternalScalerClient(_channel);
    }

    private async Task CloseAsync()
    {
        // Its nodes hear that it stops before they lose the connection, as on a real stop.
        await _app.StopAsync();
        await _app.DisposeAsync();
        _channel.Dispose();
    }
}
