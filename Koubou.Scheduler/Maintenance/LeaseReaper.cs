using Koubou.Scheduler.Stores;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Maintenance;

/// <summary>Takes back tasks whose worker went silent.</summary>
internal sealed partial class LeaseReaper(
    IQueueStore store, IOptions<MaintenanceOptions> options, TimeProvider time, ILogger<LeaseReaper> logger)
    : MaintenanceLoop(options.Value.Interval, time, logger)
{
    private readonly MaintenanceOptions _options = options.Value;

    public override async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var count = await store.ReapLeasesAsync(_options.StepMax, cancellation);
        if (count > 0)
        {
            LogReaped(logger, count);
        }

        return count;
    }

    [LoggerMessage(LogLevel.Warning, "{Count} leases ran out without a heartbeat; their tasks go back to the queue or to the dead letter")]
    private static partial void LogReaped(ILogger logger, int count);
}
