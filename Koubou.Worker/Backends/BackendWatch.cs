namespace Koubou.Worker.Backends;

/// <summary>Looks again and again whether the backends are there and which models they hold, each at its own pace.</summary>
internal sealed class BackendWatch(IEnumerable<IBackend> backends, TimeProvider clock) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(backends.Select(backend => WatchAsync(backend, stoppingToken)));

    private async Task WatchAsync(IBackend backend, CancellationToken cancellationToken)
    {
        if (backend.ProbeInterval == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        using var timer = new PeriodicTimer(backend.ProbeInterval, clock);
        do
        {
            await backend.ProbeAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
