using Koubou.Scheduler.Stores;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Maintenance;

/// <summary>Ends tasks whose deadline has passed.</summary>
internal sealed partial class DeadlineExpirer(
    IQueueStore store, IOptions<MaintenanceOptions> options, TimeProvider time, ILogger<DeadlineExpirer> logger)
    : MaintenanceLoop(options.Value.Interval, time, logger)
{
    private readonly MaintenanceOptions _options = options.Value;

    public override async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var count = await store.ExpireAsync(_options.StepMax, cancellation);
        if (count > 0)
        {
            LogExpired(logger, count);
        }

        return count;
    }

    [LoggerMessage(LogLevel.Information, "{Count} tasks passed their deadline")]
    private static partial void LogExpired(ILogger logger, int count);
}
