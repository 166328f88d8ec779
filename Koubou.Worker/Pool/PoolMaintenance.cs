using Koubou.Worker.Nodes;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Pool;

/// <summary>The pool's slow clock: shrinks it after idle time, and reports craftsmen who ignore their time limit.</summary>
internal sealed class PoolMaintenance(CraftsmanPool pool, IOptions<WorkerOptions> options, TimeProvider clock)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan OverdueInterval = TimeSpan.FromSeconds(5);

    private ITimer? _shrink;
    private ITimer? _overdue;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _shrink = Each(options.Value.ShrinkAfter, pool.EndPeriod);
        _overdue = Each(OverdueInterval, pool.ReportOverdue);
        return Task.CompletedTask;
    }

    // Not stopped before the end: the pool needs its clock while it drains.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _shrink?.Dispose();
        _overdue?.Dispose();
    }

    private ITimer Each(TimeSpan interval, Action step) => clock.CreateTimer(_ => step(), state: null, interval, interval);
}
