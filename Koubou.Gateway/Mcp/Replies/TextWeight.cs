namespace Koubou.Gateway.Mcp.Replies;

/// <summary>
/// What text costs in a model's context, roughly: three Latin letters make a token, other scripts about one token a
/// letter. The bounds below stay clear of the 10,000 tokens at which Claude Code warns, and of the 25,000 at which it
/// cuts.
/// </summary>
internal static class TextWeight
{
    /// <summary>What one reply may carry of outputs: at most about 6,700 tokens.</summary>
    public const int ReplyMax = 20_000;

    /// <summary>An output up to this weight is given whole at once; a longer one starts with a digest.</summary>
    public const int WholeMax = 8_000;

    /// <summary>How much of a long output's beginning its digest shows.</summary>
    public const int DigestMax = 3_000;

    private const int PlainLetter = 1;
    private const int OtherLetter = 3;

    /// <summary>How many characters from the start fit that weight; never half of a surrogate pair.</summary>
    public static int Fit(ReadOnlySpan<char> text, int weightMax)
    {
        var weight = 0;
        for (var i = 0; i < text.Length; i++)
        {
            weight += char.IsAscii(text[i]) ? PlainLetter : OtherLetter;
            if (weight > weightMax)
            {
                return i > 0 && char.IsHighSurrogate(text[i - 1]) ? i - 1 : i;
            }
        }

        return text.Length;
    }

    /// <summary>The text's own weight, counted no further than one over the bound.</summary>
    public static bool Fits(ReadOnlySpan<char> text, int weightMax) => Fit(text, weightMax) == text.Length;

    /// <summary>The first line, shortened: enough to recognise a task by.</summary>
    public static string Title(string prompt)
    {
        const int TitleMax = 180;

        var start = prompt.AsSpan().TrimStart();
        var end = start.IndexOfAny('\r', '\n');
        var line = (end < 0 ? start : start[..end]).TrimEnd();
        var fit = Fit(line, TitleMax);
        return fit == line.Length ? line.ToString() : string.Concat(line[..fit], "…");
    }
}
