using Koubou.Scheduler.Stores;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Maintenance;

/// <summary>Removes what finished longer ago than the retention.</summary>
internal sealed partial class RetentionCleaner(
    IQueueStore store, IOptions<MaintenanceOptions> options, TimeProvider time, ILogger<RetentionCleaner> logger)
    : MaintenanceLoop(options.Value.CleanInterval, time, logger)
{
    private readonly MaintenanceOptions _options = options.Value;
    private readonly TimeProvider _clock = time;

    public override async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var total = 0;
        int step;
        do
        {
            step = await store.PurgeAsync(_clock.GetUtcNow() - _options.Retention, _options.StepMax, cancellation);
            total += step;
        }
        while (step == _options.StepMax);

        if (total > 0)
        {
            LogCleaned(logger, total, _options.Retention);
        }

        return total;
    }

    [LoggerMessage(LogLevel.Information, "{Count} tasks that finished more than {Retention} ago were removed")]
    private static partial void LogCleaned(ILogger logger, int count, TimeSpan retention);
}
