using Koubou.Contracts;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Pool;

/// <summary>Why a node hands a task back that nobody began, or nobody will finish.</summary>
internal static class Refusals
{
    public static GivenBack Leaving() => new()
    {
        Reason = Failures.Error("draining", "The worker node is leaving.", FailureKind.Transient),
    };

    public static GivenBack NoSlot() => new()
    {
        Reason = Failures.Error("no_slot", "The worker node has no free slot.", FailureKind.Transient),
    };
}
