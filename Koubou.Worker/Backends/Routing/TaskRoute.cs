namespace Koubou.Worker.Backends.Routing;

/// <summary>One step of a task's way: which backend is asked for which model.</summary>
/// <param name="Backend">The backend's name.</param>
/// <param name="Model">The model. Empty: the backend's own.</param>
internal readonly record struct RouteStep(string Backend, string Model);

/// <summary>A task's way: whom to ask, one after the other, until one answers.</summary>
/// <param name="Steps">The steps, the first one first.</param>
/// <param name="Refused">Backends that the task or its type names, but its data policy does not admit.</param>
/// <param name="Unknown">Names that no backend of this node has.</param>
internal sealed record TaskRoute(
    IReadOnlyList<RouteStep> Steps, IReadOnlyList<RouteStep> Refused, IReadOnlyList<string> Unknown);
