using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Dispatch;

/// <summary>Whether a node's offer meets what a task requires.</summary>
public static class NodeOffers
{
    private const string EveryType = "*";

    /// <summary>
    /// True when the node takes the type and has a backend that the data policy admits, under the wanted name and model
    /// where these are wanted. A backend that lists no models is asked for any.
    /// </summary>
    public static bool Fits(this NodeOffer offer, LaneKey lane)
    {
        if (!offer.Takes(lane.Type))
        {
            return false;
        }

        foreach (var backend in offer.Backends)
        {
            if (lane.Policy.Admits(backend.Zone) && (lane.Backend.Length == 0 || lane.Backend == backend.Name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the node takes tasks of a type at all.</summary>
    public static bool Takes(this NodeOffer offer, string type) =>
        offer.Capabilities.Contains(EveryType) || offer.Capabilities.Contains(type);

    /// <summary>Whether a backend that may serve such tasks has their model loaded.</summary>
    public static bool Holds(this NodeOffer offer, LaneKey lane)
    {
        foreach (var backend in offer.Backends)
        {
            if (lane.Policy.Admits(backend.Zone)
                && (lane.Backend.Length == 0 || lane.Backend == backend.Name)
                && backend.LoadedModels.Contains(lane.Model))
            {
                return true;
            }
        }

        return false;
    }
}
