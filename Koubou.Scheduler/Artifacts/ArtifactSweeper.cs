using Koubou.Scheduler.Maintenance;
using Koubou.Scheduler.Stores;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Artifacts;

/// <summary>Removes files that no task names any more: the task was deleted, or its attempt failed.</summary>
internal sealed partial class ArtifactSweeper(
    ArtifactStore artifacts, IQueueStore store, IOptions<ArtifactOptions> options, TimeProvider time,
    ILogger<ArtifactSweeper> logger)
    : MaintenanceLoop(options.Value.SweepInterval, time, logger)
{
    public override async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var removed = await artifacts.SweepAsync(NamesAsync, cancellation);
        if (removed > 0)
        {
            LogSwept(logger, removed);
        }

        return removed;

        async Task<bool> NamesAsync(string task, string hash) =>
            await store.GetAsync(task, includeOutput: false, cancellation) is { } record
            && record.Artifacts.Any(artifact => artifact.Sha256 == hash);
    }

    [LoggerMessage(LogLevel.Information, "{Count} files that no task names any more were removed")]
    private static partial void LogSwept(ILogger logger, int count);
}
