using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Dispatch;

/// <summary>
/// Which models a node has loaded, or will have in a moment: what its offer says, and what it was given last. The offer
/// comes every few seconds only, and a model that was put out for another one still stands in it.
/// </summary>
/// <remarks>Only the one who hands out the node's work uses it.</remarks>
internal sealed class LoadedModels
{
    // The model that the last tasks are for. Empty: none was given yet.
    private string _group = "";

    /// <summary>Since when tasks of that model may go first; see <see cref="OrderRules.EndsAffinity"/>.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>Whether such tasks can be answered without loading a model first.</summary>
    public bool Holds(NodeOffer offer, LaneKey lane)
    {
        if (offer.DoesItself(lane.Type))
        {
            return true;
        }

        foreach (var backend in offer.Backends)
        {
            if (backend.Answers(lane) && Holds(offer, backend, lane))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>These tasks are given to the node now.</summary>
    public void Note(NodeOffer offer, IReadOnlyList<LeasedTask> given, DateTimeOffset now)
    {
        foreach (var task in given)
        {
            var lane = LaneKey.Of(task.Spec);
            if (!Holds(offer, lane) && offer.Backends.FirstOrDefault(backend => backend.Answers(lane)) is { } loading)
            {
                (_group, Since) = (loading.ModelFor(lane), now);
            }
        }
    }

    private bool Holds(NodeOffer offer, Backend backend, LaneKey lane)
    {
        if (!backend.SwapsModels)
        {
            return true;
        }

        var model = backend.ModelFor(lane);
        return model == _group || (backend.LoadedRunners.Contains(model) && Knows(offer));
    }

    // An offer that does not show the newest model was made before that was loaded.
    private bool Knows(NodeOffer offer)
    {
        if (_group.Length == 0)
        {
            return true;
        }

        foreach (var backend in offer.Backends)
        {
            if (backend.LoadedRunners.Contains(_group))
            {
                return true;
            }
        }

        return false;
    }
}
