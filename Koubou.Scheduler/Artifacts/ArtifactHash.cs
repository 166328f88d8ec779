namespace Koubou.Scheduler.Artifacts;

/// <summary>The SHA-256 of a content, as a name for it.</summary>
internal static class ArtifactHash
{
    private const int Length = 64;

    /// <summary>Only this form may become a part of a path.</summary>
    public static bool IsHash(string text) => text.Length == Length && text.All(char.IsAsciiHexDigitLower);
}
