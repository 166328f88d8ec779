using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Gateway.Mcp.Tools;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Mcp.Deferred;

/// <summary>A call whose result is fetched later: a task of the queue, as the protocol's tasks extension shows it.</summary>
internal sealed class DeferredCall : Result
{
    private const int PollIntervalMilliseconds = 1_000;

    [JsonPropertyName("taskId")]
    public required string TaskId { get; init; }

    /// <summary><c>working</c>, <c>completed</c> or <c>cancelled</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    [JsonPropertyName("statusMessage")]
    public required string StatusMessage { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("lastUpdatedAt")]
    public required DateTimeOffset LastUpdatedAt { get; init; }

    /// <summary>Null: kept for as long as the scheduler keeps tasks, not bounded by this call.</summary>
    [JsonPropertyName("ttlMs")]
    public long? TtlMs { get; init; }

    [JsonPropertyName("pollIntervalMs")]
    public int PollIntervalMs { get; init; } = PollIntervalMilliseconds;

    /// <summary>How the task stands.</summary>
    /// <param name="record">The task.</param>
    /// <param name="resultType"><c>task</c> where it stands in for the result of a call, else <c>complete</c>.</param>
    public static DeferredCall Of(TaskRecord record, string resultType) => new()
    {
        ResultType = resultType,
        TaskId = record.Id,
        Status = StatusOf(record.State),
        StatusMessage = WaitProgress.Describe([record], tokens: null),
        CreatedAt = ToTime(record.SubmittedAt),
        LastUpdatedAt = ToTime(record.FinishedAt ?? record.StartedAt ?? record.SubmittedAt),
    };

    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, DeferredJson.Default.DeferredCall)!.AsObject();

    // A task that failed is a completed call with an error in its result; "failed" is for faults of the protocol.
    private static string StatusOf(TaskState state) => state switch
    {
        TaskState.Succeeded or TaskState.Failed or TaskState.Expired => "completed",
        TaskState.Cancelled => "cancelled",
        _ => "working",
    };

    private static DateTimeOffset ToTime(Timestamp? time) => time?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch;
}
