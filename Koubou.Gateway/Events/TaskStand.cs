using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Events;

/// <summary>How one task stands, in the words of an update.</summary>
internal sealed record TaskStand(
    string TaskId, string Status, string State, string Type, int Priority, string? Client, string? BatchId, int Attempt)
{
    public static TaskStand Of(TaskRecord record) => new(
        record.Id,
        record.State.ToLegacyWord(),
        record.State.ToWord(),
        record.Spec.Type,
        record.Spec.Priority,
        record.Spec.Client.OrNull(),
        record.Spec.BatchId.OrNull(),
        record.Attempts.Count == 0 ? 0 : record.Attempts[^1].Number);
}
