using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native;

/// <summary>One numbered try.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="Node">The worker node.</param>
/// <param name="Slot">The craftsman on that node, from 1.</param>
/// <param name="Backend">The backend that was asked.</param>
/// <param name="Model">The model that ran.</param>
/// <param name="Zone"><c>local</c>, <c>private</c> or <c>cloud</c>: where it was computed.</param>
/// <param name="Simulated">No model was asked.</param>
/// <param name="LeasedAt">UTC.</param>
/// <param name="FinishedAt">UTC.</param>
/// <param name="FirstTokenMs">From lease to first token.</param>
/// <param name="ModelLoadMs">Spent on loading the model.</param>
/// <param name="GenerationMs">Spent on the answer's tokens.</param>
/// <param name="Usage">Tokens asked and answered.</param>
/// <param name="Outcome"><c>running</c>, <c>succeeded</c>, <c>failed</c>, <c>lost</c>, <c>cancelled</c>, <c>given_back</c>.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Tried">Backends that were asked before, and what each said.</param>
public sealed record AttemptView(
    int Number,
    string Node,
    int Slot,
    string? Backend,
    string? Model,
    string Zone,
    bool Simulated,
    DateTime? LeasedAt,
    DateTime? FinishedAt,
    double? FirstTokenMs,
    double? ModelLoadMs,
    double? GenerationMs,
    UsageView? Usage,
    string Outcome,
    ErrorView? Error,
    IReadOnlyList<TriedView> Tried)
{
    internal static AttemptView Of(Attempt attempt) => new(
        attempt.Number,
        attempt.Node,
        attempt.Slot,
        attempt.Backend.OrNull(),
        attempt.Model.OrNull(),
        attempt.Zone.ToWord(),
        attempt.Simulated,
        attempt.LeasedAt.ToUtc(),
        attempt.FinishedAt.ToUtc(),
        attempt.FirstToken.ToMilliseconds(),
        attempt.ModelLoad.ToMilliseconds(),
        attempt.Generation.ToMilliseconds(),
        UsageView.Of(attempt.Usage),
        attempt.Outcome.ToWord(),
        ErrorView.Of(attempt.Error),
        [.. attempt.Tried.Select(TriedView.Of)]);
}
