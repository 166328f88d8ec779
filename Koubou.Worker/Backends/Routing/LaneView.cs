using Koubou.Contracts;

namespace Koubou.Worker.Backends.Routing;

/// <summary>What the routing looks at of a lane, at one moment.</summary>
/// <param name="Name">The backend's name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Zone">Where it stands.</param>
/// <param name="OnlyWhenNamed">Only tasks that name it go there.</param>
/// <param name="IsReady">It can be asked now.</param>
/// <param name="HasRoom">A call would not have to wait for its turn.</param>
/// <param name="InFlight">Calls on their way.</param>
/// <param name="Serves">Whether it has a model. Empty: its own.</param>
/// <param name="Holds">Whether it has it in memory.</param>
internal sealed record LaneView(
    string Name, string Kind, Zone Zone, bool OnlyWhenNamed, bool IsReady, bool HasRoom, int InFlight,
    Func<string, bool> Serves, Func<string, bool> Holds);
