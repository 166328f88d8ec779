using System.Text.Json.Serialization;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Events;

/// <summary>One change of one task, in the words of v2.1 and the finer ones beside them.</summary>
internal sealed record TaskUpdatePayload
{
    public required string TaskId { get; init; }

    public required string Status { get; init; }

    public required string State { get; init; }

    /// <summary>What happened: <c>submitted</c>, <c>started</c>, <c>retry_scheduled</c> …</summary>
    public required string Event { get; init; }

    public required DateTime? At { get; init; }

    public required string Type { get; init; }

    public required int Priority { get; init; }

    public required string? Client { get; init; }

    public required string? BatchId { get; init; }

    public required int Attempt { get; init; }

    public required string? Node { get; init; }

    public required string? Backend { get; init; }

    public required string? Model { get; init; }

    public required bool Simulated { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Notice { get; init; }

    public required UsageView? Usage { get; init; }

    public required ErrorView? Error { get; init; }

    public static TaskUpdatePayload Of(TaskEvent change) => new()
    {
        TaskId = change.TaskId,
        Status = change.State.ToLegacyWord(),
        State = change.State.ToWord(),
        Event = change.Kind.ToWord(),
        At = change.At.ToUtc(),
        Type = change.Type,
        Priority = change.Priority,
        Client = change.Client.OrNull(),
        BatchId = change.BatchId.OrNull(),
        Attempt = change.Attempt,
        Node = change.Node.OrNull(),
        Backend = change.Backend.OrNull(),
        Model = change.Model.OrNull(),
        Simulated = change.Simulated,
        Notice = change.Simulated ? Simulation.TaskNotice : null,
        Usage = UsageView.Of(change.Usage),
        Error = ErrorView.Of(change.Error),
    };
}
