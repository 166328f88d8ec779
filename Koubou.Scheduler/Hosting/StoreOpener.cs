using Koubou.Contracts;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Telemetry;

namespace Koubou.Scheduler.Hosting;

/// <summary>Opens the store before anything else starts; a store that cannot be opened stops the service.</summary>
internal sealed class StoreOpener(IQueueStore store, SchedulerTelemetry telemetry) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await store.OpenAsync(cancellationToken);
        telemetry.ObserveDepth(Count);
    }

    private IReadOnlyDictionary<TaskState, long> Count()
    {
        try
        {
            return store.CountAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (StoreUnusableException)
        {
            return new Dictionary<TaskState, long>();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
