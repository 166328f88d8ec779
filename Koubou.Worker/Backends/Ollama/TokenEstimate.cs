namespace Koubou.Worker.Backends.Ollama;

/// <summary>
/// Between how many tokens a text surely lies. Ollama has no way to count them without running the model, and no two
/// models count alike, so this is a range: long English words on one side, Japanese or digits on the other.
/// </summary>
/// <param name="Low">It has at least so many.</param>
/// <param name="High">It has hardly more.</param>
internal readonly record struct TokenEstimate(long Low, long High)
{
    private const double AsciiCharsPerTokenMost = 8;
    private const double AsciiCharsPerTokenLeast = 2.5;
    private const double OtherCharsPerTokenMost = 3;
    private const double OtherTokensPerCharMost = 2;

    public static TokenEstimate Of(string text)
    {
        var ascii = text.Count(char.IsAscii);
        var other = text.Length - ascii;
        return new TokenEstimate(
            (long)((ascii / AsciiCharsPerTokenMost) + (other / OtherCharsPerTokenMost)),
            (long)Math.Ceiling((ascii / AsciiCharsPerTokenLeast) + (other * OtherTokensPerCharMost)));
    }

    public static TokenEstimate operator +(TokenEstimate left, TokenEstimate right) =>
        new(left.Low + right.Low, left.High + right.High);
}
