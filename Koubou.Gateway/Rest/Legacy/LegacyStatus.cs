using System.Text.Json.Serialization;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Legacy;

/// <summary>A task as v2.1 shows it.</summary>
public sealed record LegacyStatus
{
    public required string TaskId { get; init; }

    /// <summary><c>pending</c>, <c>in_progress</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The finer word of the native API: <c>queued</c>, <c>scheduled</c>, <c>running</c>, <c>expired</c> …</summary>
    public required string State { get; init; }

    public required string Type { get; init; }

    public required int Priority { get; init; }

    /// <summary>The answer; null until it is there.</summary>
    public required string? Result { get; init; }

    public required ErrorView? Error { get; init; }

    /// <summary>No language model was asked: the demo backend made the answer up.</summary>
    public required bool Simulated { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Notice { get; init; }

    public required LegacyWorker? Worker { get; init; }

    public required UsageView? Usage { get; init; }

    public required LegacyTimings Timings { get; init; }

    /// <summary>Attempts counted so far.</summary>
    public required int Attempts { get; init; }

    /// <summary>1 is next; null when it does not wait in the queue.</summary>
    public required long? QueuePosition { get; init; }

    /// <summary>What the running attempt says of itself.</summary>
    public required string? Progress { get; init; }

    internal static LegacyStatus Of(TaskRecord record) => new()
    {
        TaskId = record.Id,
        Status = record.State.ToLegacyWord(),
        State = record.State.ToWord(),
        Type = record.Spec.Type,
        Priority = record.Spec.Priority,
        Result = record.State == TaskState.Succeeded ? record.Output : null,
        Error = ErrorView.Of(record.Error),
        Simulated = record.IsSimulated(),
        Notice = record.IsSimulated() ? Simulation.TaskNotice : null,
        Worker = LegacyWorker.Of(record),
        Usage = record.Attempts.Count == 0 ? null : UsageView.Of(record.Attempts[^1].Usage),
        Timings = LegacyTimings.Of(record),
        Attempts = record.AttemptsUsed,
        QueuePosition = record.QueuePosition == 0 ? null : record.QueuePosition,
        Progress = record.Progress.OrNull(),
    };
}
