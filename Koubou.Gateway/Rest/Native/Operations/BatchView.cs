using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>Tasks that were submitted under one id.</summary>
/// <param name="Id">The batch id.</param>
/// <param name="Client">Who asked.</param>
/// <param name="SubmittedAt">UTC.</param>
/// <param name="FinishedAt">UTC; null while one task is not finished.</param>
/// <param name="Total">How many tasks it has.</param>
/// <param name="Tasks">How many are in each state; states without a task are left out.</param>
/// <param name="DataPolicy">The policy of every task of the batch.</param>
public sealed record BatchView(
    string Id,
    string? Client,
    DateTime? SubmittedAt,
    DateTime? FinishedAt,
    long Total,
    IReadOnlyDictionary<string, long> Tasks,
    string DataPolicy)
{
    internal static BatchView Of(Batch batch) => new(
        batch.Id,
        batch.Client.OrNull(),
        batch.SubmittedAt.ToUtc(),
        batch.FinishedAt.ToUtc(),
        batch.Total,
        new Dictionary<string, long>(batch.TasksByState),
        batch.DataPolicy.ToWord());
}
