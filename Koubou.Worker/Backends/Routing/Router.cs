using Koubou.Contracts;

namespace Koubou.Worker.Backends.Routing;

/// <summary>
/// Decides whom a task may ask, and in which order. Pure. Nothing outside the task's data policy ever gets into the way,
/// whoever named it.
/// </summary>
internal static class Router
{
    public static TaskRoute Plan(RouteWish wish, IReadOnlyList<LaneView> lanes)
    {
        var steps = new List<RouteStep>();
        var refused = new List<RouteStep>();
        var unknown = new List<string>();
        if (wish.Backend.Length > 0)
        {
            AddNamed(wish.Backend, wish.Model, isFallback: false);
        }
        else
        {
            var open = lanes.Where(lane => !lane.OnlyWhenNamed && wish.Policy.Admits(lane.Zone));
            steps.AddRange(Ordered(open, wish.Model).Select(lane => new RouteStep(lane.Name, wish.Model)));
        }

        foreach (var fallback in wish.Fallbacks)
        {
            var slash = fallback.IndexOf('/');
            AddNamed(
                slash < 0 ? fallback : fallback[..slash], slash < 0 ? "" : fallback[(slash + 1)..], isFallback: true);
        }

        return new TaskRoute([.. steps.Distinct()], [.. refused.Distinct()], unknown);

        void AddNamed(string name, string model, bool isFallback)
        {
            var named = lanes.Where(lane => lane.Name == name || lane.Kind == name).ToList();
            if (named.Count == 0)
            {
                unknown.Add(name);
            }

            foreach (var lane in Ordered(named, model))
            {
                // A fallback has the wanted model, or answers with its own.
                var wanted = isFallback && model.Length == 0 && wish.Model.Length > 0 && lane.Serves(wish.Model)
                    ? wish.Model
                    : model;
                (wish.Policy.Admits(lane.Zone) ? steps : refused).Add(new RouteStep(lane.Name, wanted));
            }
        }
    }

    // Near before far: what may leave the house need not. Then without waiting: for a turn, or for a model to be loaded.
    private static IEnumerable<LaneView> Ordered(IEnumerable<LaneView> lanes, string model) => lanes
        .OrderByDescending(lane => lane.IsReady)
        .ThenByDescending(lane => lane.Serves(model))
        .ThenBy(lane => lane.Zone)
        .ThenByDescending(lane => lane.HasRoom)
        .ThenByDescending(lane => lane.Holds(model))
        .ThenBy(lane => lane.InFlight)
        .ThenBy(lane => lane.Name, StringComparer.Ordinal);
}
