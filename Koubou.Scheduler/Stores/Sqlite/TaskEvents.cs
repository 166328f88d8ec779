using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Makes the events of a task; their numbers are given when they are written.</summary>
internal static class TaskEvents
{
    public static TaskEvent Submitted(LiveTask task, DateTimeOffset at) =>
        Of(task, EventKind.Submitted, Timestamp.FromDateTimeOffset(at));

    /// <summary>An event that tells the task's present state and the newest attempt.</summary>
    public static TaskEvent Of(LiveTask task, EventKind kind, Timestamp at)
    {
        var change = new TaskEvent
        {
            At = at,
            Kind = kind,
            TaskId = task.Id.ToString(),
            Type = task.Lane.Type,
            State = task.State,
            Priority = task.Priority,
            Client = task.Client,
            BatchId = task.BatchId,
        };
        if (kind is EventKind.Submitted)
        {
            return change;
        }

        change.Error = task.Error;
        if (task.Attempts.Count == 0)
        {
            return change;
        }

        var attempt = task.Attempts[^1];
        change.Attempt = attempt.Number;
        change.Node = attempt.Node;
        change.Backend = attempt.Backend;
        change.Model = attempt.Model;
        change.Simulated = attempt.Simulated;
        change.Usage = attempt.Usage;
        change.Zone = attempt.Zone;
        if (attempt.FinishedAt == at)
        {
            change.Run = attempt.FinishedAt - attempt.LeasedAt;
        }

        return change;
    }
}
