using Koubou.Contracts;
using Koubou.ServiceDefaults.Scheduling;
using Koubou.Web.Live;
using Koubou.Web.Tests.Scripted;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Koubou.Web.Tests.Live;

/// <summary>The live model with its loops, against a scheduler on a real Kestrel.</summary>
internal sealed class LiveHarness : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly IHost _host;

    private LiveHarness(ScriptedScheduler scheduler, IHost host)
    {
        Scheduler = scheduler;
        _host = host;
    }

    public ScriptedScheduler Scheduler { get; }

    public ScriptedQueue Queue => Scheduler.Queue;

    public Workshop Workshop => _host.Services.GetRequiredService<Workshop>();

    public static async Task<LiveHarness> StartAsync()
    {
        var scheduler = await ScriptedScheduler.StartAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration[SchedulerClient.AddressKey] = scheduler.Address.ToString();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddSchedulerClient<TaskQueue.TaskQueueClient>();
        builder.AddLiveWorkshop();
        var host = builder.Build();
        await host.StartAsync();
        return new LiveHarness(scheduler, host);
    }

    /// <summary>Watches, as a page does, until the picture is as wanted.</summary>
    public async Task<WorkshopSnapshot> SeeAsync(Func<WorkshopSnapshot, bool> wanted)
    {
        var seen = new TaskCompletionSource<WorkshopSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (wanted(Workshop.Current))
            {
                seen.TrySetResult(Workshop.Current);
            }
        }

        using var watch = Workshop.Watch(Look);
        Look();
        return await seen.Task.WaitAsync(Patience);
    }

    public Task<WorkshopSnapshot> SeeLiveAsync() => SeeAsync(now => now is { Link.State: LinkState.Live, Status: not null });

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await Scheduler.DisposeAsync();
    }
}
