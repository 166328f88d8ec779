using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Submission;

/// <summary>Whether somebody could run a task now; and if nobody can, why, with what mends it.</summary>
internal sealed class Eligibility(NodeRegistry nodes, Workforce workforce)
{
    /// <summary>Null: some connected node can run such tasks, now or once it has a slot free.</summary>
    public string? WhyNobody(LaneKey lane)
    {
        // The usual case, on the path of each submit: no list is made for it.
        foreach (var node in nodes.All)
        {
            if (node.Offer.CanRun(lane))
            {
                return null;
            }
        }

        return WhyNot([.. workforce.All.Select(node => node.ToOffer())], lane);
    }

    internal static string? WhyNot(IReadOnlyList<NodeOffer> offers, LaneKey lane)
    {
        if (offers.Count == 0)
        {
            return "No worker node is connected. Start one with: dotnet run --project Koubou.Worker";
        }

        var taking = offers.Where(offer => offer.Takes(lane.Type)).ToList();
        if (taking.Count == 0)
        {
            return $"No connected worker node takes tasks of the type '{lane.Type}'. Start one with: "
                + $"dotnet run --project Koubou.Worker -- --capabilities \"{lane.Type}\"";
        }

        return taking.Exists(offer => offer.DoesItself(lane.Type))
            ? null
            : WhyNot([.. taking.SelectMany(offer => offer.Backends)], lane);
    }

    private static string? WhyNot(List<Backend> backends, LaneKey lane)
    {
        var wanted = backends.Where(backend => backend.IsWanted(lane)).ToList();
        if (wanted.Count == 0)
        {
            var names = backends.Select(backend => backend.Name).Distinct().Order(StringComparer.Ordinal).ToList();
            return names.Count == 0
                ? "No connected worker node has a backend. Start a model with: ollama serve"
                : lane.Backend.Length == 0
                    ? $"The backends of the connected worker nodes only answer tasks that name them: {string.Join(", ", names)}."
                    : $"No connected worker node has a backend '{lane.Backend}'. There are: {string.Join(", ", names)}.";
        }

        var near = wanted.Where(backend => lane.Policy.Admits(backend.ZoneOf(lane.Model))).ToList();
        if (near.Count == 0)
        {
            var far = wanted.Select(backend => $"{backend.Name} ({backend.ZoneOf(lane.Model).ToWord()})").Distinct();
            return $"The data policy is '{lane.Policy.ToWord()}', and all that could answer computes further away: "
                + $"{string.Join(", ", far)}. Start a nearer one, such as: ollama serve";
        }

        return near.Exists(backend => backend.Healthy) ? null : near.First(backend => !backend.Healthy).Detail;
    }
}
