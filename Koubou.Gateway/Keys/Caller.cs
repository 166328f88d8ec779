using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Keys;

/// <summary>Who sends a request: the name that the scheduler shares the queue by, and what the key allows.</summary>
/// <param name="Client">The key's name; without keys what the client calls itself.</param>
/// <param name="Key">Null where no keys are asked for: then everything is allowed.</param>
internal sealed record Caller(string Client, HeldKey? Key = null)
{
    /// <summary>Says who asks where no keys are set.</summary>
    public const string Header = "X-Koubou-Client";

    private static readonly Caller Local = new("local");

    /// <summary>The key's name; without keys the header's word, else <c>local</c>.</summary>
    public static Caller Of(HttpContext context) => Named(context) ?? Local;

    /// <summary>The key's name, else the header's word; null when the request says neither.</summary>
    public static Caller? Named(HttpContext context) =>
        context.Features.Get<Caller>()
        ?? (context.Request.Headers[Header].ToString().Trim() is { Length: > 0 } named ? new Caller(named) : null);

    public bool May(KeyScopes scope) => Key is null || Key.Rights.Scopes.Grants(scope);

    /// <summary>Null when the key grants this, else the refusal.</summary>
    public Problem? Lacks(KeyScopes scope) => May(scope) ? null : Problems.ScopeMissing(Client, scope);

    /// <summary>
    /// The same for one more message on a connection that is open already: it counts as a request of its own.
    /// </summary>
    public Problem? Refuses(KeyScopes scope) =>
        Key is { Gone.IsCancellationRequested: true } ? Problems.KeyMissing(given: true) : Key?.Limits.Spend() ?? Lacks(scope);

    /// <summary>A change of these tasks; without the scope <c>admin</c> only of the caller's own.</summary>
    public ChangeRequest Change(params IEnumerable<string> ids) => new()
    {
        Ids = { ids },
        Client = May(KeyScopes.Admin) ? "" : Client,
    };

    /// <summary>The same rights in the words of the contract; null: those of a caller without a key.</summary>
    public Contracts.Caller? ToContract() => Key is null ? null : new Contracts.Caller
    {
        Key = Key.Name,
        LoosestDataPolicy = May(KeyScopes.AllowAny) ? DataPolicy.Any
            : May(KeyScopes.AllowPrivate) ? DataPolicy.Private
            : DataPolicy.Unspecified,
        PriorityMax = Key.Rights.PriorityMax,
        LiveTasksMax = Key.Rights.LiveTasksMax,
    };
}
