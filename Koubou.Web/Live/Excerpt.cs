using System.Text;

namespace Koubou.Web.Live;

/// <summary>The beginning of a text on one line.</summary>
internal static class Excerpt
{
    private const int LengthMax = 200;

    /// <summary>At most 200 characters; runs of white space and control characters become one space.</summary>
    public static string Of(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, LengthMax));
        var gap = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                gap = line.Length > 0;
                continue;
            }

            if (line.Length + rune.Utf16SequenceLength + (gap ? 1 : 0) > LengthMax)
            {
                return line.Append('…').ToString();
            }

            if (gap)
            {
                line.Append(' ');
                gap = false;
            }

            line.Append(rune.ToString());
        }

        return line.ToString();
    }
}
