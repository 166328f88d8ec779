using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Dispatch;

/// <summary>Whether a node's offer meets what a task requires.</summary>
public static class NodeOffers
{
    private const string EveryType = "*";

    /// <summary>
    /// True when the node takes the type, and either does such work itself or has a backend that the data policy admits,
    /// under the wanted name where one is wanted.
    /// </summary>
    public static bool Fits(this NodeOffer offer, LaneKey lane)
    {
        if (!offer.Takes(lane.Type))
        {
            return false;
        }

        if (offer.DoesItself(lane.Type))
        {
            return true;
        }

        foreach (var backend in offer.Backends)
        {
            if (backend.Answers(lane))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same, and somebody who is well would answer, with a model that the policy admits too.</summary>
    public static bool CanRun(this NodeOffer offer, LaneKey lane)
    {
        if (!offer.Takes(lane.Type))
        {
            return false;
        }

        if (offer.DoesItself(lane.Type))
        {
            return true;
        }

        foreach (var backend in offer.Backends)
        {
            if (backend.Healthy && backend.Answers(lane) && lane.Policy.Admits(backend.ZoneOf(lane.Model)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the node takes tasks of a type at all.</summary>
    public static bool Takes(this NodeOffer offer, string type) =>
        offer.Capabilities.Contains(EveryType) || offer.Capabilities.Contains(type);

    /// <summary>Whether the node's own craftsmen do that work, so that no backend is needed.</summary>
    public static bool DoesItself(this NodeOffer offer, string type) =>
        offer.OwnTypes.Contains(EveryType) || offer.OwnTypes.Contains(type);

    /// <summary>
    /// Whether a backend may answer such tasks. A name may also be a kind, <c>ollama</c> for any; an agent has only its name.
    /// </summary>
    public static bool Answers(this Backend backend, LaneKey lane) => lane.Policy.Admits(backend.Zone) && backend.IsWanted(lane);

    /// <summary>The same, whatever the data policy says.</summary>
    public static bool IsWanted(this Backend backend, LaneKey lane) =>
        lane.Backend.Length == 0 ? !backend.OnlyWhenNamed : lane.Backend == backend.Name || lane.Backend == backend.Kind;

    /// <summary>Where it computes with that model.</summary>
    public static Zone ZoneOf(this Backend backend, string model) =>
        backend.CloudModels.Contains(model) ? Zone.Cloud : backend.Zone;

    /// <summary>What a node that is known from afar offers.</summary>
    public static NodeOffer ToOffer(this WorkerNode node) => new()
    {
        Capabilities = { node.Capabilities },
        Backends = { node.Backends },
        OwnTypes = { node.OwnTypes },
        Troubles = { node.Troubles },
    };

    /// <summary>The model that it would load for such tasks, with its runner options.</summary>
    public static string ModelFor(this Backend backend, LaneKey lane) =>
        RunnerOptions.Key(lane.Model.Length > 0 ? lane.Model : backend.DefaultModel, lane.Runner);
}
