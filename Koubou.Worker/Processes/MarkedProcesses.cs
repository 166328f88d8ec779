using System.Globalization;
using System.Runtime.InteropServices;

namespace Koubou.Worker.Processes;

/// <summary>
/// Finds what a child left behind by the mark in its environment, and what descends from that. A mark survives what a
/// tree does not: parents that died first, and sessions of their own.
/// </summary>
internal static class MarkedProcesses
{
    /// <summary>The variable that carries the mark: <c>{node}.{run}</c>.</summary>
    public const string Variable = "KOUBOU_RUN";

    private const int SignalKill = 9;
    private const int LooksMax = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Kills all with this mark until a look finds nothing: a process may fork between look and kill.</summary>
    /// <returns>Whether all are gone.</returns>
    public static async Task<bool> EndAsync(string mark, TimeProvider clock)
    {
        for (var look = 0; look < LooksMax; look++)
        {
            if (Find(mark) is not { Count: > 0 } left)
            {
                return true;
            }

            left.ForEach(End);
            await Task.Delay(Look, clock, CancellationToken.None);
        }

        return false;
    }

    public static void End(int processId) => _ = Send(processId, SignalKill);

    public static List<int> Find(string mark)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

        var entry = $"{Variable}={mark}";
        var parents = new Dictionary<int, int>();
        var found = new HashSet<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId && TryReadParent(folder, out var parent))
            {
                parents[id] = parent;
                if (HasEntry(folder, entry))
                {
                    found.Add(id);
                }
            }
        }

        // A child may have cleaned its environment; its parent's mark still speaks for it.
        while (parents.Where(child => found.Contains(child.Value)).Any(child => found.Add(child.Key)))
        {
        }

        return [.. found];
    }

    private static bool HasEntry(string folder, string entry)
    {
        try
        {
            return File.ReadAllText($"{folder}/environ").Split('\0')
                .Any(variable => variable.StartsWith(entry, StringComparison.Ordinal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or another user's.
            return false;
        }
    }

    /// <summary>The parent's id, or false for a process that has ended and only waits to be collected.</summary>
    private static bool TryReadParent(string folder, out int parent)
    {
        // 4242 (name, may hold spaces) S 4200 …
        parent = 0;
        try
        {
            var stat = File.ReadAllText($"{folder}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is not ("Z" or "X") && int.TryParse(fields[1], CultureInfo.InvariantCulture, out parent);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int processId, int signal);
}
