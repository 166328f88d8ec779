using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native;

/// <summary>What became of one id.</summary>
/// <param name="Id">As it was asked for.</param>
/// <param name="Outcome"><c>changed</c>, <c>unknown_id</c> or <c>wrong_state</c>.</param>
/// <param name="State">The state after the call; null for an unknown id.</param>
public sealed record ChangeView(string Id, string Outcome, string? State)
{
    internal static ChangeView Of(ChangeResult result) => new(
        result.Id,
        result.Outcome.ToWord(),
        result.State == TaskState.Unspecified ? null : result.State.ToWord());
}
