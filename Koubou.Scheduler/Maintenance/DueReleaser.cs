using Koubou.Scheduler.Stores;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Maintenance;

/// <summary>Makes tasks ready whose backoff or not-before is over.</summary>
internal sealed partial class DueReleaser(
    IQueueStore store, IOptions<MaintenanceOptions> options, TimeProvider time, ILogger<DueReleaser> logger)
    : MaintenanceLoop(options.Value.Interval, time, logger)
{
    private readonly MaintenanceOptions _options = options.Value;

    public override async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var count = await store.ReleaseDueAsync(_options.StepMax, cancellation);
        if (count > 0)
        {
            LogReleased(logger, count);
        }

        return count;
    }

    [LoggerMessage(LogLevel.Debug, "{Count} scheduled tasks are ready")]
    private static partial void LogReleased(ILogger logger, int count);
}
