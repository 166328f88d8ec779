using System.Globalization;

namespace Koubou.Processes;

/// <summary>
/// Looks through /proc (Linux) for processes by a variable of their environment. The services' and the nodes' projects
/// share it.
/// </summary>
internal static class ProcScan
{
    /// <summary>
    /// The ids of all processes whose variable starts with this mark, and of their descendants; never this process's own.
    /// </summary>
    public static List<int> Find(string variable, string mark)
    {
        var entry = $"{variable}={mark}";
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
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
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
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
