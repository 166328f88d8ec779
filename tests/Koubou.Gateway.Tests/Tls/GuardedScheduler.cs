using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Hosting;
using Koubou.ServiceDefaults;
using Koubou.ServiceDefaults.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Koubou.Gateway.Tests.Tls;

/// <summary>The real scheduler behind its own endpoints, with the settings of the test.</summary>
internal sealed class GuardedScheduler : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _home;

    private GuardedScheduler(WebApplication app, string home)
    {
        _app = app;
        _home = home;
        Port = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address)).Last().Port;
    }

    public int Port { get; }

    public static async Task<GuardedScheduler> StartAsync(params string[] settings)
    {
        var home = Directory.CreateTempSubdirectory("koubou-guarded-").FullName;
        var builder = WebApplication.CreateBuilder(
            [$"--KOUBOU_HOME={home}", "--KOUBOU_GRPC_PORT=0", "--urls=http://127.0.0.1:0", .. settings]);
        builder.AddServiceDefaults("scheduler");
        builder.Logging.ClearProviders();
        builder.AddSchedulerEndpoints();
        builder.AddTaskQueue();
        var app = builder.Build();
        app.MapTaskQueue();
        await app.StartAsync();
        return new GuardedScheduler(app, home);
    }

    /// <summary>Asks for the status as a service with these settings would.</summary>
    public async Task<WorkshopStatus> AskAsync(string scheme, params string[] settings)
    {
        using var host = Client<TaskQueue.TaskQueueClient>(scheme, settings);
        var client = host.Services.GetRequiredService<TaskQueue.TaskQueueClient>();
        return await client.GetStatusAsync(new StatusRequest(), deadline: DateTime.UtcNow.AddSeconds(20));
    }

    /// <summary>Says hello as a worker node with these settings would.</summary>
    public async Task<SchedulerMessage> JoinAsync(string scheme, string joinKey, params string[] settings)
    {
        using var host = Client<WorkerGateway.WorkerGatewayClient>(scheme, settings);
        using var call = host.Services.GetRequiredService<WorkerGateway.WorkerGatewayClient>().Connect();
        try
        {
            await call.RequestStream.WriteAsync(new NodeMessage
            {
                Hello = new Hello { NodeId = "n", JoinKey = joinKey, Offer = new NodeOffer { Slots = 1, SlotsMax = 1 } },
            });
        }
        catch (RpcException)
        {
            // The read says why.
        }

        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        return call.ResponseStream.Current;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    private IHost Client<TClient>(string scheme, string[] settings)
        where TClient : ClientBase
    {
        var builder = Host.CreateApplicationBuilder([$"--Koubou:Scheduler:Address={scheme}://127.0.0.1:{Port}", .. settings]);
        builder.Logging.ClearProviders();
        builder.Services.AddServiceDiscovery();
        builder.AddSchedulerClient<TClient>();
        return builder.Build();
    }
}
