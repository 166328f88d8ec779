using Koubou.Scheduler.Maintenance;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Metrics;

/// <summary>Fills the board from the event log of before the start, then samples the worker nodes.</summary>
internal sealed class MetricsKeeper(
    MetricsBoard board, IQueueStore store, Workforce workforce, TimeProvider time, ILogger<MetricsKeeper> logger)
    : MaintenanceLoop(TimeSpan.FromSeconds(5), time, logger)
{
    // A busy workshop writes more than this in a day; the charts then begin later after a restart.
    private const long EventsReadMax = 500_000;
    private const int PageMax = 1_024;

    public override Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var workers = workforce.All;
        board.Sample(workers.Sum(node => node.Running.Count), workers.Sum(node => node.Slots));
        return Task.FromResult(workers.Count);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the event follower begins, which brings what is later.
        var last = store.Events.LastSequence;
        var next = Math.Max(1, last - EventsReadMax + 1);
        while (next <= last)
        {
            var page = await store.Events.ReadAsync(next, PageMax, cancellationToken);
            if (page.Events.Count == 0)
            {
                break;
            }

            foreach (var change in page.Events.TakeWhile(change => change.Sequence <= last))
            {
                board.Hear(change);
            }

            next = page.Events[^1].Sequence + 1;
        }

        await base.StartAsync(cancellationToken);
    }
}
