using Koubou.Contracts;

namespace Koubou.Worker.Pool;

internal sealed partial class CraftsmanPool
{
    [LoggerMessage(LogLevel.Debug, "Pool of craftsmen: {Before} slots, now {After}")]
    private partial void LogResized(int before, int after);

    [LoggerMessage(LogLevel.Information, "The operator allows {Max} craftsmen at most")]
    private partial void LogLimited(int max);

    [LoggerMessage(LogLevel.Information, "Task {TaskId} ended at once: {Reason}")]
    private partial void LogEnded(string taskId, EndReason reason);

    [LoggerMessage(LogLevel.Information, "Task {TaskId} given back: this node is leaving")]
    private partial void LogGivenBack(string taskId);

    [LoggerMessage(LogLevel.Information, "Task {TaskId}: {Reason}")]
    private partial void LogAttemptEnded(string taskId, string reason);

    [LoggerMessage(LogLevel.Warning, "Task {TaskId}: the craftsman for {TaskType} has a fault")]
    private partial void LogCraftsmanError(Exception exception, string taskId, string taskType);

    [LoggerMessage(LogLevel.Warning,
        "Task {TaskId}: the craftsman for {TaskType} ignores that his time is up; slot {Slot} stays occupied")]
    private partial void LogIgnoresStop(string taskId, string taskType, int slot);

    [LoggerMessage(LogLevel.Warning, "Task {TaskId}: the answer came too late, its lease is another's")]
    private partial void LogReportRefused(string taskId);

    [LoggerMessage(LogLevel.Information, "Task {TaskId}: the scheduler gave it to another node meanwhile; dropped")]
    private partial void LogReportNotWanted(string taskId);
}
