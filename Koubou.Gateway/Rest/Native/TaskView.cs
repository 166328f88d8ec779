using System.Text.Json;
using System.Text.Json.Serialization;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native;

/// <summary>A task and its history.</summary>
public sealed record TaskView
{
    public required string Id { get; init; }

    /// <summary>
    /// <c>blocked</c>, <c>scheduled</c>, <c>queued</c>, <c>running</c>; finally <c>succeeded</c>, <c>failed</c>,
    /// <c>cancelled</c> or <c>expired</c>.
    /// </summary>
    public required string State { get; init; }

    public required string Type { get; init; }

    public required string Prompt { get; init; }

    public required string? SystemPrompt { get; init; }

    public required int Priority { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Who asked.</summary>
    public required string? Client { get; init; }

    public required string? IdempotencyKey { get; init; }

    public required string? BatchId { get; init; }

    /// <summary>How far the content may travel: <c>local</c>, <c>private</c> or <c>any</c>.</summary>
    public required string DataPolicy { get; init; }

    /// <summary>The wanted backend; who really answered stands in attempts.</summary>
    public required string? Backend { get; init; }

    /// <summary>The wanted model; which really answered stands in attempts.</summary>
    public required string? Model { get; init; }

    public required JsonElement? OutputSchema { get; init; }

    /// <summary>For the backend; null when the task says nothing beyond its type.</summary>
    public required JsonElement? Options { get; init; }

    public required DateTime? NotBefore { get; init; }

    public required DateTime? Deadline { get; init; }

    public required double? TimeoutSeconds { get; init; }

    public required IReadOnlyList<string> DependsOn { get; init; }

    public required bool RunIfDependencyFailed { get; init; }

    /// <summary>The answers of depends_on come with the prompt.</summary>
    public required bool PassOutputs { get; init; }

    /// <summary>Those of depends_on that a blocked task still waits for.</summary>
    public required IReadOnlyList<string> WaitingFor { get; init; }

    public required DateTime? SubmittedAt { get; init; }

    public required DateTime? StartedAt { get; init; }

    public required DateTime? FinishedAt { get; init; }

    /// <summary>When a scheduled task becomes ready.</summary>
    public required DateTime? DueAt { get; init; }

    public required int AttemptsUsed { get; init; }

    public required int AttemptsMax { get; init; }

    public required IReadOnlyList<AttemptView> Attempts { get; init; }

    /// <summary>The answer; null until it is there, and where it was not asked for.</summary>
    public required string? Output { get; init; }

    public required long OutputBytes { get; init; }

    public required JsonElement? StructuredOutput { get; init; }

    public required ErrorView? Error { get; init; }

    public required IReadOnlyList<ArtifactView> Artifacts { get; init; }

    /// <summary>No language model was asked: the demo backend made the answer up.</summary>
    public required bool Simulated { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Notice { get; init; }

    /// <summary>1 is next; null when it does not wait in the queue.</summary>
    public required long? QueuePosition { get; init; }

    /// <summary>How long it will probably wait for its turn; null when that cannot be known.</summary>
    public required double? EstimatedWaitSeconds { get; init; }

    /// <summary>What the running attempt says of itself.</summary>
    public required string? Progress { get; init; }

    /// <summary>Sequence number of the newest event of this task.</summary>
    public required long LastEvent { get; init; }

    internal static TaskView Of(TaskRecord record, bool includeOutput)
    {
        var spec = record.Spec;
        return new TaskView
        {
            Id = record.Id,
            State = record.State.ToWord(),
            Type = spec.Type,
            Prompt = spec.Prompt,
            SystemPrompt = spec.HasSystemPrompt ? spec.SystemPrompt : null,
            Priority = spec.Priority,
            Labels = spec.Labels,
            Client = spec.Client.OrNull(),
            IdempotencyKey = spec.IdempotencyKey.OrNull(),
            BatchId = spec.BatchId.OrNull(),
            DataPolicy = spec.DataPolicy.ToWord(),
            Backend = spec.Backend.OrNull(),
            Model = spec.Model.OrNull(),
            OutputSchema = RawJson.Parse(spec.OutputSchema),
            Options = RawJson.Object(spec.Options),
            NotBefore = spec.NotBefore.ToUtc(),
            Deadline = spec.Deadline.ToUtc(),
            TimeoutSeconds = spec.Timeout?.ToTimeSpan().TotalSeconds,
            DependsOn = spec.DependsOn,
            RunIfDependencyFailed = spec.RunIfDependencyFailed,
            PassOutputs = spec.PassOutputs,
            WaitingFor = record.WaitingFor,
            SubmittedAt = record.SubmittedAt.ToUtc(),
            StartedAt = record.StartedAt.ToUtc(),
            FinishedAt = record.FinishedAt.ToUtc(),
            DueAt = record.DueAt.ToUtc(),
            AttemptsUsed = record.AttemptsUsed,
            AttemptsMax = record.AttemptsMax,
            Attempts = [.. record.Attempts.Select(AttemptView.Of)],
            Output = includeOutput && record.State == TaskState.Succeeded ? record.Output : null,
            OutputBytes = record.OutputBytes,
            StructuredOutput = RawJson.Parse(record.StructuredOutput),
            Error = ErrorView.Of(record.Error),
            Artifacts = [.. record.Artifacts.Select(artifact =>
                new ArtifactView(artifact.Name, artifact.MediaType, artifact.SizeBytes, artifact.Sha256))],
            Simulated = record.IsSimulated(),
            Notice = record.IsSimulated() ? Simulation.TaskNotice : null,
            QueuePosition = record.QueuePosition == 0 ? null : record.QueuePosition,
            EstimatedWaitSeconds = record.EstimatedWait?.ToTimeSpan().TotalSeconds,
            Progress = record.Progress.OrNull(),
            LastEvent = record.LastEvent,
        };
    }
}
