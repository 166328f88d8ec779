namespace Koubou.Contracts;

/// <summary>How far a task's content may travel: which zones a data policy admits, and the words for both.</summary>
public static class DataPolicies
{
    /// <summary>Whether a task under this policy may be computed in that zone. What is not known is refused.</summary>
    public static bool Admits(this DataPolicy policy, Zone zone) => policy switch
    {
        DataPolicy.Unspecified or DataPolicy.Local => zone is Zone.Local,
        DataPolicy.Private => zone is Zone.Local or Zone.Private,
        DataPolicy.Any => zone is Zone.Local or Zone.Private or Zone.Cloud,
        _ => false,
    };

    /// <summary><c>local</c>, <c>private</c> or <c>any</c>; the default, when nothing was said, is <c>local</c>.</summary>
    public static string ToWord(this DataPolicy policy) => policy switch
    {
        DataPolicy.Private => "private",
        DataPolicy.Any => "any",
        _ => "local",
    };

    /// <summary><c>local</c>, <c>private</c>, <c>cloud</c>, or <c>unknown</c>.</summary>
    public static string ToWord(this Zone zone) => zone switch
    {
        Zone.Local => "local",
        Zone.Private => "private",
        Zone.Cloud => "cloud",
        _ => "unknown",
    };

    /// <summary>Reads a policy's word, any case. False when there is no such policy.</summary>
    public static bool TryParse(string? word, out DataPolicy policy)
    {
        policy = word?.ToUpperInvariant() switch
        {
            "LOCAL" => DataPolicy.Local,
            "PRIVATE" => DataPolicy.Private,
            "ANY" => DataPolicy.Any,
            _ => DataPolicy.Unspecified,
        };
        return policy != DataPolicy.Unspecified;
    }
}
