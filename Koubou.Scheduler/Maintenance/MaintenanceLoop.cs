using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Maintenance;

/// <summary>A loop that does one thing by the clock. A store that fails is tried again at the next turn.</summary>
internal abstract partial class MaintenanceLoop(TimeSpan interval, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>Does what is due now. Returns how many tasks it concerned.</summary>
    public abstract Task<int> RunOnceAsync(CancellationToken cancellation);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        var failing = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunOnceAsync(stoppingToken);
                failing = false;
            }
            catch (StoreUnusableException error)
            {
                // Once: an outage is long, and the interval short.
                if (!failing)
                {
                    LogFailed(logger, GetType().Name, error.Message);
                }

                failing = true;
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "{Loop} could not do its work and will try again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string loop, string reason);
}
