using Koubou.Worker.Nodes;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Pool;

/// <summary>The pool's slow clock: shrinks it after idle time, and reports craftsmen who ignore their time limit.</summary>
internal sealed class PoolMaintenance(CraftsmanPool pool, IOptions<WorkerOptions> options, TimeProvider clock)
    : BackgroundService
{
    private static readonly TimeSpan OverdueInterval = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        EachAsync(options.Value.ShrinkAfter, pool.EndPeriod, stoppingToken),
        EachAsync(OverdueInterval, pool.ReportOverdue, stoppingToken));

    private async Task EachAsync(TimeSpan interval, Action step, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            step();
        }
    }
}
