using System.Text.Json;
using System.Text.Json.Serialization;

namespace Koubou.Cli.Workshop;

/// <summary>What people are shown of a task; scripts get the gateway's own JSON.</summary>
internal sealed record TaskJson
{
    public required string Id { get; init; }

    public required string State { get; init; }

    public required string Type { get; init; }

    public string Prompt { get; init; } = "";

    public int Priority { get; init; }

    public string? Client { get; init; }

    public string? BatchId { get; init; }

    public string? DataPolicy { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> DependsOn { get; init; } = [];

    public IReadOnlyList<string> WaitingFor { get; init; } = [];

    public DateTimeOffset? SubmittedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public int AttemptsUsed { get; init; }

    public int AttemptsMax { get; init; }

    public IReadOnlyList<AttemptJson> Attempts { get; init; } = [];

    public string? Output { get; init; }

    public long OutputBytes { get; init; }

    public IReadOnlyList<ArtifactJson> Artifacts { get; init; } = [];

    public ErrorJson? Error { get; init; }

    public string? Notice { get; init; }

    public long? QueuePosition { get; init; }

    public double? EstimatedWaitSeconds { get; init; }

    public string? Progress { get; init; }

    [JsonIgnore]
    public bool IsFinal => State is "succeeded" or "failed" or "cancelled" or "expired";

    [JsonIgnore]
    public bool Succeeded => State == "succeeded";

    public static TaskJson Read(JsonElement task) => task.Deserialize(WorkshopJson.Default.TaskJson)!;
}

internal sealed record AttemptJson(
    int Number,
    string Node,
    string? Backend,
    string? Model,
    string? Zone,
    DateTimeOffset? LeasedAt,
    DateTimeOffset? FinishedAt,
    UsageJson? Usage,
    string Outcome,
    ErrorJson? Error);

internal sealed record UsageJson(long PromptTokens, long CompletionTokens);

internal sealed record ErrorJson(string Code, string Message, bool Permanent);

internal sealed record ArtifactJson(string Name, string MediaType, long SizeBytes);

internal sealed record TaskPageJson(IReadOnlyList<TaskJson> Tasks, string? NextPageToken, long Total, bool TotalIsExact);

internal sealed record ReceiptJson(string Id, string State, bool Duplicate, long? QueuePosition, double? EstimatedWaitSeconds);

internal sealed record BatchReplyJson(IReadOnlyList<ReceiptJson> Tasks);

internal sealed record ChangeJson(string Id, string Outcome, string? State);

internal sealed record ChangesJson(IReadOnlyList<ChangeJson> Results);

internal sealed record BulkJson(long Changed, long PassedOver);
