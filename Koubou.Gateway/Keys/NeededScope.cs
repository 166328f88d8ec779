using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Keys;

/// <summary>What a key must grant to reach an endpoint.</summary>
/// <param name="Scope"><see cref="KeyScopes.None"/>: any key; what lies behind looks for itself.</param>
internal sealed record NeededScope(KeyScopes Scope)
{
    /// <summary>
    /// Endpoints that say nothing can be read with <c>read</c>, and changed by nobody but <c>admin</c>: who forgets to
    /// say it has shut a door, not left one open. Paths that lead nowhere need no more than a key.
    /// </summary>
    public static KeyScopes Of(HttpContext context) => context.GetEndpoint() switch
    {
        null => KeyScopes.None,
        var endpoint when endpoint.Metadata.GetMetadata<NeededScope>() is { } said => said.Scope,
        _ when HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) => KeyScopes.Read,
        _ => KeyScopes.Admin,
    };
}
