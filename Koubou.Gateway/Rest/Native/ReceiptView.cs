using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Native;

/// <summary>A task that is safely on disk.</summary>
/// <param name="Id">UUIDv7, so ids sort by time.</param>
/// <param name="State"><c>queued</c>, <c>scheduled</c>, <c>blocked</c>, or where the first task stands.</param>
/// <param name="Duplicate">The idempotency key was known: this is the first task, nothing was enqueued.</param>
/// <param name="QueuePosition">1 is next; null when not counted.</param>
/// <param name="EstimatedWaitSeconds">How long it will probably wait for its turn; null when that cannot be known.</param>
/// <param name="NobodyEligible">
/// Why no connected worker node can run it now, and what mends that; the task waits for one that can. Null: some node can.
/// </param>
/// <param name="Url">Where the task is read.</param>
public sealed record ReceiptView(
    string Id, string State, bool Duplicate, long? QueuePosition, double? EstimatedWaitSeconds, string? NobodyEligible, string Url)
{
    internal static ReceiptView Of(TaskReceipt receipt) => new(
        receipt.Id,
        receipt.State.ToWord(),
        receipt.Duplicate,
        receipt.QueuePosition == 0 ? null : receipt.QueuePosition,
        receipt.EstimatedWait?.ToTimeSpan().TotalSeconds,
        receipt.NobodyEligible.Length > 0 ? receipt.NobodyEligible : null,
        NativeEndpoints.TaskUrl(receipt.Id));
}
