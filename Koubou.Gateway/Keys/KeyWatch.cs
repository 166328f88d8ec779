namespace Koubou.Gateway.Keys;

/// <summary>Looks every second whether the keys changed, so that a revoked one closes its sockets and streams.</summary>
internal sealed class KeyWatch(KeyRing keys, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            keys.Refresh();
        }
    }
}
