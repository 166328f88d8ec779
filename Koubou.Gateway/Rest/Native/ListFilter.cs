using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Native;

/// <summary>One query parameter of a list.</summary>
/// <param name="Name">As it stands in the query.</param>
/// <param name="Description">For the API document.</param>
/// <param name="Read">Puts a value into the request; null, or what the value must be.</param>
internal sealed record ListFilter(string Name, string Description, Func<string, ListRequest, string?> Read);
