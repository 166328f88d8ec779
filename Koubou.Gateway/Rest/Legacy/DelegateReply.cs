using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Legacy;

/// <summary>A delegated task, safely on disk.</summary>
/// <param name="TaskId">The id to ask with.</param>
/// <param name="Status"><c>pending</c>, or where an earlier task with the same idempotency key stands.</param>
/// <param name="QueuePosition">1 is next; null when not counted.</param>
/// <param name="NobodyEligible">Why no connected worker node can run it now; null when some node can.</param>
/// <param name="StatusUrl">Where its state and result are read.</param>
public sealed record DelegateReply(
    string TaskId, string Status, long? QueuePosition, string? NobodyEligible, string StatusUrl)
{
    internal static DelegateReply Of(TaskReceipt receipt) => new(
        receipt.Id,
        receipt.State.ToLegacyWord(),
        receipt.QueuePosition == 0 ? null : receipt.QueuePosition,
        receipt.NobodyEligible.Length > 0 ? receipt.NobodyEligible : null,
        $"/task/{receipt.Id}/status");
}
