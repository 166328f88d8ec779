using System.Globalization;

namespace Koubou.Worker.Memory;

/// <summary>
/// Asks Linux, machine and container; the tighter one counts. Elsewhere the runtime, which looks at each garbage
/// collection. Sample of <c>/proc/meminfo</c>: <c>MemAvailable:   17208344 kB</c>.
/// </summary>
internal sealed class MemoryGauge : IMemoryGauge
{
    private const string Machine = "/proc/meminfo";
    private const string Group = "/sys/fs/cgroup";
    private const long Kibibyte = 1024;

    public MemoryReading? Read()
    {
        try
        {
            return OperatingSystem.IsLinux() ? Tighter(OfMachine(File.ReadAllLines(Machine)), OfGroup()) : OfRuntime();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static MemoryReading? OfMachine(IReadOnlyList<string> lines) =>
        Kilobytes(lines, "MemAvailable:") is { } available && Kilobytes(lines, "MemTotal:") is { } total
            ? new MemoryReading(available * Kibibyte, total * Kibibyte)
            : null;

    /// <param name="max">What the group may have: a number, or <c>max</c>.</param>
    /// <param name="current">What it has.</param>
    /// <param name="statistics">Lines such as <c>inactive_file 1048576</c>: files that are given up when memory is wanted.</param>
    internal static MemoryReading? OfGroup(string max, string current, IEnumerable<string> statistics)
    {
        if (!long.TryParse(max, CultureInfo.InvariantCulture, out var total)
            || !long.TryParse(current, CultureInfo.InvariantCulture, out var used))
        {
            return null;
        }

        var files = statistics
            .Select(line => line.Split(' '))
            .Where(words => words is ["inactive_file", _])
            .Select(words => long.TryParse(words[1], CultureInfo.InvariantCulture, out var bytes) ? bytes : 0)
            .Sum();
        return new MemoryReading(Math.Clamp(total - used + files, 0, total), total);
    }

    private static MemoryReading? OfGroup() => File.Exists($"{Group}/memory.max")
        ? OfGroup(
            File.ReadAllText($"{Group}/memory.max"), File.ReadAllText($"{Group}/memory.current"),
            File.ReadLines($"{Group}/memory.stat"))
        : null;

    private static MemoryReading? OfRuntime()
    {
        var memory = GC.GetGCMemoryInfo();
        return memory is { TotalAvailableMemoryBytes: > 0, MemoryLoadBytes: > 0 }
            ? new MemoryReading(
                Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes), memory.TotalAvailableMemoryBytes)
            : null;
    }

    private static MemoryReading? Tighter(MemoryReading? left, MemoryReading? right) =>
        left is { } one && right is { } other
            ? one.AvailableBytes <= other.AvailableBytes ? one : other
            : left ?? right;

    private static long? Kilobytes(IReadOnlyList<string> lines, string name)
    {
        var words = lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            ?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words is [_, var number, ..] && long.TryParse(number, CultureInfo.InvariantCulture, out var kilobytes)
            ? kilobytes
            : null;
    }
}
