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

    private LiveHarness(ScriptedScheduler scheduler, IHost host, LaterClock clock)
    {
        Scheduler = scheduler;
        _host = host;
        Clock = clock;
    }

    /// <summary>The time of the live model, which a test may set forward.</summary>
    public LaterClock Clock { get; }

    public ScriptedScheduler Scheduler { get; }

    public ScriptedQueue Queue => Scheduler.Queue;

    public Workshop Workshop => _host.Services.GetRequiredService<Workshop>();

    public static async Task<LiveHarness> StartAsync()
    {
        var scheduler = await ScriptedScheduler.StartAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration[SchedulerClient.AddressKey] = scheduler.Address.ToString();
        var clock = new LaterClock();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddSchedulerClient<TaskQueue.TaskQueueClient>();
        builder.AddLiveWorkshop();
        var host = builder.Build();
        await host.StartAsync();
        return new LiveHarness(scheduler, host, clock);
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

    internal sealed class LaterClock : TimeProvider
    {
        public TimeSpan Later { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Later;
    }
}
