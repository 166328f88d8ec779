namespace Koubou.Gateway.Intake;

/// <summary>Finds the name that a mistyped one was meant to be.</summary>
internal static class Nearest
{
    private const int LengthMax = 40;

    /// <summary>Sample: <c>is not a field of a task; did you mean "priority"?</c></summary>
    public static string Fault(string name, string what, IReadOnlyList<string> known) =>
        Find(name, known) is { } near
            ? $"is not {what}; did you mean \"{near}\"?"
            : $"is not {what}; known are {string.Join(", ", known)}";

    /// <summary>The known name at most a third of its letters away, or null.</summary>
    public static string? Find(string name, IReadOnlyList<string> known)
    {
        if (name.Length is 0 or > LengthMax)
        {
            return null;
        }

        var plain = Plain(name);
        var best = known.MinBy(candidate => Distance(plain, Plain(candidate)));
        return best is not null && Distance(plain, Plain(best)) <= Math.Max(1, best.Length / 3) ? best : null;
    }

    // systemPrompt, system-prompt and system_prompt are the same word in other clothes.
    private static string Plain(string name) =>
        string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    // Levenshtein's distance, one row at a time.
    private static int Distance(string left, string right)
    {
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
