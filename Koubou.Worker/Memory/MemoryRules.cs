using System.Globalization;

namespace Koubou.Worker.Memory;

/// <summary>When memory counts as short, and what is said then. Pure.</summary>
internal static class MemoryRules
{
    private const long Mebibyte = 1024 * 1024;

    // A machine with little memory lives with little; on a large one a model needs more than a twentieth.
    private const double ShareLeast = 0.05;
    private const long BytesLeast = 1024 * Mebibyte;

    /// <summary>Once short, it is short until there is half as much again: else it would come and go with each answer.</summary>
    private const double Relief = 1.5;

    public static bool IsShort(MemoryReading memory, bool wasShort)
    {
        var least = Math.Min(BytesLeast, memory.TotalBytes * ShareLeast);
        return memory.AvailableBytes < (wasShort ? least * Relief : least);
    }

    /// <summary>The sentence for people, with the command that mends it.</summary>
    /// <param name="memory">What there is.</param>
    /// <param name="slotsMax">Craftsmen at most.</param>
    public static string Sentence(MemoryReading memory, int slotsMax) => string.Create(
        CultureInfo.InvariantCulture,
        $"Memory runs short: {memory.AvailableBytes / Mebibyte:N0} of {memory.TotalBytes / Mebibyte:N0} MiB are left. "
        + $"No more craftsmen are taken on meanwhile. Start with fewer than {slotsMax} (--max-workers "
        + $"{Math.Max(1, slotsMax / 4)}), or use a smaller model.");
}
