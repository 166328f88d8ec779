using Koubou.Contracts;

namespace Koubou.Web.Security;

/// <summary>
/// What the signed-in key allows, as the gateway's headers say. A reader that came without them opened a workshop without
/// keys: there everything is allowed.
/// </summary>
/// <param name="Name">The key's name; empty without keys.</param>
/// <param name="Scopes">The words of its scopes.</param>
/// <param name="CallerToken">The caller in the words of the contract, base64; empty without keys.</param>
public sealed record Rights(string Name, string Scopes, string CallerToken)
{
    // The gateway drops what a browser sends under these names, and writes its own when keys are asked for.
    public const string NameHeader = "X-Koubou-Key";
    public const string ScopesHeader = "X-Koubou-Scopes";
    public const string CallerHeader = "X-Koubou-Caller";

    private const string Admin = "admin";
    private const string Submit = "submit";

    public static Rights All { get; } = new("", "", "");

    /// <summary>Whether someone signed in, and may sign out.</summary>
    public bool IsSignedIn => Name.Length > 0;

    /// <summary>May change tasks of all, nodes and batches.</summary>
    public bool MayAct => Grants(Admin);

    public bool MaySubmit => Grants(Submit);

    public static Rights Of(IHeaderDictionary headers) => headers.TryGetValue(NameHeader, out var name)
        ? new Rights(Uri.UnescapeDataString(name.ToString()), headers[ScopesHeader].ToString(), headers[CallerHeader].ToString())
        : All;

    /// <summary>Null: a caller without a key.</summary>
    public Caller? ToCaller() => CallerToken.Length == 0 ? null : Caller.Parser.ParseFrom(Convert.FromBase64String(CallerToken));

    private bool Grants(string scope) =>
        !IsSignedIn || Scopes.Split(' ').Contains(Admin, StringComparer.OrdinalIgnoreCase)
        || Scopes.Split(' ').Contains(scope, StringComparer.OrdinalIgnoreCase);
}
