namespace Koubou.Cli.Workshop;

/// <summary>The workshop as a whole.</summary>
internal sealed record StatusJson(
    IReadOnlyDictionary<string, long> Tasks,
    int Nodes,
    int Slots,
    int SlotsBusy,
    string Engine,
    string Version,
    DateTimeOffset? StartedAt,
    string? Notice,
    IReadOnlyList<string> Warnings);

internal sealed record HealthJson(bool Healthy, IReadOnlyList<FindingJson> Findings);

internal sealed record FindingJson(string Severity, string Code, string Message, string Remedy);

internal sealed record WorkersJson(IReadOnlyList<WorkerJson> Workers);

internal sealed record WorkerJson(
    string Id,
    string Machine,
    IReadOnlyList<string> Capabilities,
    IReadOnlyList<BackendJson> Backends,
    int Slots,
    int SlotsMax,
    bool Draining,
    DateTimeOffset? LastHeartbeatAt,
    IReadOnlyList<RunningJson> Running,
    long TasksSucceeded,
    long TasksFailed);

internal sealed record BackendJson(
    string Name, string Kind, string Zone, bool Healthy, string? Detail, IReadOnlyList<string> Models, bool Simulated);

internal sealed record RunningJson(string TaskId, string Type, long CompletionTokens, string? Progress);

internal sealed record BatchesJson(IReadOnlyList<BatchJson> Batches, string? NextPageToken);

internal sealed record BatchJson(
    string Id,
    string? Client,
    DateTimeOffset? SubmittedAt,
    DateTimeOffset? FinishedAt,
    long Total,
    IReadOnlyDictionary<string, long> Tasks);

internal sealed record ImportJson(long Imported, long PassedOver);

/// <summary>One change of one task, from the log of changes.</summary>
internal sealed record ChangeEventJson(
    string TaskId,
    string State,
    string Event,
    DateTimeOffset? At,
    string Type,
    string? Node,
    string? Model,
    int Attempt,
    ErrorJson? Error);

internal sealed record ChunkJson(long Offset, string Text);

internal sealed record ProgressJson(string Progress);

internal sealed record ResetJson(int Attempt);
