using Koubou.Contracts;

namespace Koubou.Worker.Backends.Routing;

/// <summary>What a task or its type says about who shall answer.</summary>
/// <param name="Backend">A backend's name, or a kind: then any of that kind. Empty: the node chooses.</param>
/// <param name="Model">The model. Empty: the backend's own.</param>
/// <param name="Fallbacks">
/// Backends to ask, in this order, when the first cannot answer; each a name or kind, with a model of its own after a
/// slash where wanted. Sample: <c>gpu-box</c>, <c>openai/gpt-4o-mini</c>.
/// </param>
/// <param name="Policy">How far the task's content may travel.</param>
internal sealed record RouteWish(string Backend, string Model, IReadOnlyList<string> Fallbacks, DataPolicy Policy);
