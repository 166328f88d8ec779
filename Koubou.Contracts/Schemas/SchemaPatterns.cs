using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Koubou.Contracts.Schemas;

/// <summary>The regular expressions of schemas. A client wrote them, so none may take long.</summary>
internal static class SchemaPatterns
{
    private const int KeptMax = 1_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(250);
    private static readonly ConcurrentDictionary<string, Regex> Kept = new(StringComparer.Ordinal);

    /// <summary>Null: it is no regular expression.</summary>
    public static Regex? Find(string pattern)
    {
        if (Kept.TryGetValue(pattern, out var known))
        {
            return known;
        }

        if (Create(pattern) is not { } created)
        {
            return null;
        }

        if (Kept.Count >= KeptMax)
        {
            Kept.Clear();
        }

        return Kept[pattern] = created;
    }

    private static Regex? Create(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Limit);
        }
        catch (NotSupportedException)
        {
            // Looks around or refers back; only then the slow engine, with its time limit.
            return new Regex(pattern, RegexOptions.CultureInvariant, Limit);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
