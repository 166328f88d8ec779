using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Legacy;

/// <summary>Who answers, or answered last.</summary>
/// <param name="Node">The worker node.</param>
/// <param name="Slot">The craftsman on that node, from 1.</param>
/// <param name="Backend">The backend that was asked.</param>
/// <param name="Model">The model that ran.</param>
/// <param name="Zone"><c>local</c>, <c>private</c> or <c>cloud</c>: where it was computed.</param>
/// <param name="Simulated">No model was asked.</param>
public sealed record LegacyWorker(string Node, int Slot, string? Backend, string? Model, string Zone, bool Simulated)
{
    internal static LegacyWorker? Of(TaskRecord record)
    {
        if (record.Attempts.Count == 0)
        {
            return null;
        }

        var last = record.Attempts[^1];
        return new LegacyWorker(
            last.Node, last.Slot, last.Backend.OrNull(), last.Model.OrNull(), last.Zone.ToWord(), last.Simulated);
    }
}
