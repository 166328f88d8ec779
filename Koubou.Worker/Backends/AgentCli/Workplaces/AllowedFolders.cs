using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.AgentCli.Workplaces;

/// <summary>Which folders a task may name. Links are followed before anything is compared.</summary>
internal static class AllowedFolders
{
    /// <summary>The real folder; refuses what lies outside of the roots, or is not there.</summary>
    public static string Demand(string folder, IEnumerable<string> roots)
    {
        if (!Path.IsPathFullyQualified(folder))
        {
            throw TaskFailureException.Permanent(
                "folder_refused", $"The option 'folder' must be a whole path, such as /home/me/project; it is '{folder}'.");
        }

        // One answer for what is not there and what is not allowed: a task must not be able to look around.
        return Real(folder) is { } real && Contains(roots, real)
            ? real
            : throw TaskFailureException.Permanent(
                "folder_refused",
                $"This worker node does not let tasks name the folder '{folder}', or it does not exist. Its operator allows a "
                + "folder with Koubou:Worker:Agents:Folders:0.");
    }

    public static bool Contains(IEnumerable<string> roots, string real) =>
        roots.Select(Real).OfType<string>().Any(root =>
            Path.GetRelativePath(root, real) is var way
            && way != ".." && !way.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            && !Path.IsPathRooted(way));

    /// <summary>The folder with every link on its way followed; null when it is none.</summary>
    private static string? Real(string folder)
    {
        try
        {
            var full = Path.GetFullPath(folder);
            var real = Path.GetPathRoot(full)!;
            foreach (var part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
            {
                var next = new DirectoryInfo(Path.Combine(real, part));
                var target = next.ResolveLinkTarget(returnFinalTarget: true);
                // The target's own way may have links too.
                real = target is null ? next.FullName : Real(target.FullName) ?? "";
                if (real.Length == 0 || !Directory.Exists(real))
                {
                    return null;
                }
            }

            return real;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
