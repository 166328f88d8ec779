using System.Globalization;

namespace Koubou.Bench;

/// <summary>What a run measures.</summary>
internal sealed record BenchSettings(IReadOnlySet<string> Parts, int Tasks)
{
    private const int TasksDefault = 30_000;

    /// <summary>A part of the tasks, in whole batches of a thousand.</summary>
    public int Part(int divisor) => Math.Max(1, Tasks / divisor / 1_000) * 1_000;

    public bool Wants(string part) => Parts.Count == 0 || Parts.Contains(part);

    public static BenchSettings Parse(string[] args)
    {
        var at = Array.IndexOf(args, "--tasks");
        var tasks = at < 0 ? TasksDefault : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
        var parts = at < 0 ? args : [.. args[..at], .. args[(at + 2)..]];
        return new BenchSettings(parts.ToHashSet(StringComparer.Ordinal), tasks);
    }
}
