using Koubou.Contracts;
using Koubou.Worker.Backends;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Memory;
using Koubou.Worker.Pool;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Nodes;

/// <summary>What the node offers at this moment.</summary>
internal sealed class NodeOffers(
    IOptions<WorkerOptions> options, CraftsmanPool pool, CraftsmanRegistry craftsmen, BackendSet backends, MemoryWatch memory)
{
    private NodeOffer? _told;

    /// <summary>It is another one than was told last.</summary>
    public bool IsNews => !Describe().Equals(Volatile.Read(ref _told));

    /// <summary>The offer, about to be told.</summary>
    public NodeOffer Current()
    {
        var offer = Describe();
        Volatile.Write(ref _told, offer);
        return offer;
    }

    private NodeOffer Describe() => new()
    {
        Capabilities = { options.Value.CapabilityList },
        Backends = { backends.Describe() },
        Slots = pool.Slots,
        SlotsMax = pool.SlotsMax,
        OwnTypes = { craftsmen.OwnTypes },
        Troubles = { memory.Troubles },
    };
}
