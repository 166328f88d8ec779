using Koubou.Contracts;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends;

/// <summary>The last check before a task's content leaves the node: what its policy does not admit is refused.</summary>
internal static class PolicyGuard
{
    public static void Demand(AssignedTask task, Zone zone, string destination)
    {
        if (!task.DataPolicy.Admits(zone))
        {
            throw TaskFailureException.Permanent(
                "policy_refused",
                $"The task's data policy is '{task.DataPolicy.ToWord()}', but {destination} computes in the zone "
                + $"'{zone.ToWord()}'. Nothing was sent.");
        }
    }
}
