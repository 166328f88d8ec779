namespace Koubou.Gateway.Mcp.Files;

/// <summary>Decides whether a path lies under a root, links followed: the rule that keeps other files out.</summary>
internal static class RootPath
{
    private const string Outside = "is not a file under the client's roots";
    private const string Hidden = "is hidden (a name on its way starts with a dot), and such files are not read";
    private const string Empty = "is empty, or no regular file";
    private const int LinksMax = 40;

    /// <summary>The real path of a regular file under a root, or what is wrong with the one that was named.</summary>
    public static (string? Path, string? Fault) Find(IReadOnlyList<string> roots, string named)
    {
        if (named.Contains('\0', StringComparison.Ordinal))
        {
            return (null, Outside);
        }

        foreach (var root in roots)
        {
            var full = Path.GetFullPath(named, root);

            // Both are resolved, because the root itself may be reached through a link.
            if (IsUnder(root, full)
                && Resolve(root) is { } realRoot
                && Resolve(full) is { } real
                && IsUnder(realRoot, real)
                && File.Exists(real))
            {
                return IsHidden(realRoot, real) ? (null, Hidden)
                    : IsFilledFile(real) ? (real, null)
                    : (null, Empty);
            }
        }

        return (null, Outside);
    }

    private static bool IsUnder(string root, string path)
    {
        var relative = Path.GetRelativePath(root, path);
        return relative != ".."
            && !relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            && !Path.IsPathRooted(relative);
    }

    // What is hidden is mostly a secret or a tool's own: .env, .ssh, .git.
    private static bool IsHidden(string root, string path) =>
        Array.Exists(Parts(Path.GetRelativePath(root, path)), part => part.StartsWith('.'));

    // Pipes and devices would hang the reader or never end; they say that they are empty, as does all of /proc.
    private static bool IsFilledFile(string path) =>
        File.Exists(path)
        && !File.GetAttributes(path).HasFlag(FileAttributes.Device)
        && new FileInfo(path).Length > 0;

    /// <summary>The path with every link on its way followed; null when something on the way is missing or loops.</summary>
    private static string? Resolve(string path)
    {
        var links = 0;
        var resolved = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Parts(path[resolved.Length..]).Reverse());
        while (rest.TryPop(out var part))
        {
            var next = Path.GetFullPath(Path.Combine(resolved, part));
            var info = Directory.Exists(next) ? (FileSystemInfo)new DirectoryInfo(next) : new FileInfo(next);
            if (!info.Exists && info.LinkTarget is null)
            {
                return null;
            }

            if (info.LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }

            if (++links > LinksMax)
            {
                return null;
            }

            var whole = Path.GetFullPath(target, resolved);
            resolved = Path.GetPathRoot(whole)!;
            foreach (var step in Parts(whole[resolved.Length..]).Reverse())
            {
                rest.Push(step);
            }
        }

        return resolved;
    }

    private static string[] Parts(string path) =>
        path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
}
