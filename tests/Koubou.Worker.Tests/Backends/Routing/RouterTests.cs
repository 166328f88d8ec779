using CsCheck;
using Koubou.Contracts;
using Koubou.Worker.Backends.Routing;

namespace Koubou.Worker.Tests.Backends.Routing;

public sealed class RouterTests
{
    private static readonly LaneView Far = Lane("far", Zone.Cloud, kind: "openai", serves: ["gpt"]);

    [Fact]
    public void Nobody_Named_NearGoesBeforeFar() =>
        Assert.Equal(["a", "rack", "far"], Way(new RouteWish("", "", [], DataPolicy.Any),
            Far, Lane("rack", Zone.Private), Lane("a", Zone.Local)));

    [Fact]
    public void Several_OfOneZone_ThatHoldsTheModelGoesFirst() =>
        Assert.Equal(["b", "a"], Way(new RouteWish("", "m", [], DataPolicy.Local),
            Lane("a", serves: ["m"]), Lane("b", serves: ["m"], holds: ["m"], inFlight: 1)));

    [Fact]
    public void Several_ThatHoldTheModel_TheLeastBusyGoesFirst() =>
        Assert.Equal(["b", "a"], Way(new RouteWish("", "m", [], DataPolicy.Local),
            Lane("a", serves: ["m"], holds: ["m"], inFlight: 2), Lane("b", serves: ["m"], holds: ["m"], inFlight: 1)));

    [Fact]
    public void OneThatHoldsTheModelButIsFull_GoesAfterOneWithRoom() =>
        Assert.Equal(["b", "a"], Way(new RouteWish("", "m", [], DataPolicy.Local),
            Lane("a", serves: ["m"], holds: ["m"], hasRoom: false), Lane("b", serves: ["m"])));

    [Fact]
    public void OneThatIsAway_GoesLast() =>
        Assert.Equal(["rack", "a"], Way(new RouteWish("", "", [], DataPolicy.Private),
            Lane("a", Zone.Local, isReady: false), Lane("rack", Zone.Private)));

    [Fact]
    public void Kind_Named_MeansAnyOfIt() =>
        Assert.Equal(["b", "a"], Way(new RouteWish("ollama", "", [], DataPolicy.Any),
            Lane("a", inFlight: 1), Lane("b"), Far));

    [Fact]
    public void OnlyWhenNamed_IsNotChosenByItself()
    {
        var paid = Far with { OnlyWhenNamed = true };

        Assert.Equal(["a"], Way(new RouteWish("", "", [], DataPolicy.Any), Lane("a"), paid));
        Assert.Equal(["far"], Way(new RouteWish("far", "", [], DataPolicy.Any), Lane("a"), paid));
    }

    [Fact]
    public void Fallbacks_FollowInTheirOrder_WithTheirOwnModels()
    {
        var route = Router.Plan(
            new RouteWish("a", "m", ["far/gpt", "b", "far"], DataPolicy.Any),
            [Lane("a", serves: ["m"]), Lane("b", serves: ["m"]), Far]);

        Assert.Equal([new("a", "m"), new("far", "gpt"), new("b", "m"), new("far", "")], route.Steps);
    }

    [Fact]
    public void Name_OfNobody_IsTold()
    {
        var route = Router.Plan(new RouteWish("x", "", ["y"], DataPolicy.Local), [Lane("a")]);

        Assert.Empty(route.Steps);
        Assert.Equal(["x", "y"], route.Unknown);
    }

    [Fact]
    public void Way_Whatever_NeverLeavesThePolicy()
    {
        var zones = OneOf(Zone.Unspecified, Zone.Local, Zone.Private, Zone.Cloud);
        var names = OneOf("a", "b", "c", "ollama", "openai", "");
        var lanes = Gen.Select(OneOf("a", "b", "c"), zones, Gen.Bool, Gen.Bool, Gen.Bool)
            .Select((name, zone, ready, room, only) => Lane(name, zone, isReady: ready, hasRoom: room) with { OnlyWhenNamed = only })
            .Array[0, 4];
        var wishes = Gen.Select(names, names.Array[0, 3], OneOf(
                DataPolicy.Unspecified, DataPolicy.Local, DataPolicy.Private, DataPolicy.Any, (DataPolicy)77))
            .Select((backend, fallbacks, policy) => new RouteWish(backend, "", fallbacks, policy));

        Gen.Select(lanes, wishes).Sample((all, wish) =>
        {
            var distinct = all.DistinctBy(lane => lane.Name).ToList();
            var route = Router.Plan(wish, distinct);
            return route.Steps.All(step => wish.Policy.Admits(distinct.Single(lane => lane.Name == step.Backend).Zone))
                && route.Refused.All(step => !wish.Policy.Admits(distinct.Single(lane => lane.Name == step.Backend).Zone));
        });
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static IEnumerable<string> Way(RouteWish wish, params IReadOnlyList<LaneView> lanes) =>
        Router.Plan(wish, lanes).Steps.Select(step => step.Backend);

    private static LaneView Lane(
        string name, Zone zone = Zone.Local, string kind = "ollama", bool isReady = true, bool hasRoom = true,
        int inFlight = 0, string[]? serves = null, string[]? holds = null) => new(
        name, kind, zone, OnlyWhenNamed: false, isReady, hasRoom, inFlight,
        model => model.Length == 0 || serves?.Contains(model) == true, model => holds?.Contains(model) == true);
}
