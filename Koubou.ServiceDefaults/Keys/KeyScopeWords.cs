namespace Koubou.ServiceDefaults.Keys;

/// <summary>The words of scopes, in files, commands and answers.</summary>
public static class KeyScopeWords
{
    private static readonly (string Word, KeyScopes Scope)[] _words =
    [
        ("submit", KeyScopes.Submit),
        ("read", KeyScopes.Read),
        ("admin", KeyScopes.Admin),
        ("allow-private", KeyScopes.AllowPrivate),
        ("allow-any", KeyScopes.AllowAny),
    ];

    /// <summary>Every word there is.</summary>
    public static IReadOnlyList<string> All { get; } = [.. _words.Select(known => known.Word)];

    /// <summary>Sample: <c>submit</c>, <c>read</c>.</summary>
    public static string[] ToWords(this KeyScopes scopes) =>
        [.. _words.Where(known => scopes.HasFlag(known.Scope)).Select(known => known.Word)];

    /// <summary>False, with the first word that is no scope, when there is one.</summary>
    public static bool TryParse(IEnumerable<string> words, out KeyScopes scopes, out string? unknown)
    {
        (scopes, unknown) = (KeyScopes.None, null);
        foreach (var word in words)
        {
            var found = Array.Find(_words, known => known.Word.Equals(word.Trim(), StringComparison.OrdinalIgnoreCase));
            if (found.Word is null)
            {
                unknown = word;
                return false;
            }

            scopes |= found.Scope;
        }

        return true;
    }

    /// <summary>Whether these scopes hold that one: <c>admin</c> can submit and read, <c>allow-any</c> is private too.</summary>
    public static bool Grants(this KeyScopes scopes, KeyScopes wanted)
    {
        if (scopes.HasFlag(KeyScopes.Admin))
        {
            scopes |= KeyScopes.Submit | KeyScopes.Read;
        }

        if (scopes.HasFlag(KeyScopes.AllowAny))
        {
            scopes |= KeyScopes.AllowPrivate;
        }

        return (scopes & wanted) == wanted;
    }
}
