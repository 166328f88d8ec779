using Koubou.Contracts;
using Koubou.Worker.Backends;
using Koubou.Worker.Pool;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Nodes;

/// <summary>What the node offers at this moment.</summary>
internal sealed class NodeOffers(IOptions<WorkerOptions> options, CraftsmanPool pool, BackendSet backends)
{
    public NodeOffer Current() => new()
    {
        Capabilities = { options.Value.CapabilityList },
        Backends = { backends.Describe() },
        Slots = pool.Slots,
        SlotsMax = options.Value.SlotsMax,
    };
}
