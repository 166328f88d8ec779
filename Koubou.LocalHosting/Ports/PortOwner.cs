using System.Globalization;

namespace Koubou.LocalHosting.Ports;

/// <summary>The process that listens on a port.</summary>
/// <param name="Id">Its process id.</param>
/// <param name="Command">Its command line, shortened.</param>
internal sealed record PortOwner(int Id, string Command)
{
    private const int CommandLengthMax = 120;
    private const string Listening = "0A";

    /// <summary>Finds the listener in /proc; null where that cannot be seen (another user's process, another system).</summary>
    public static PortOwner? Find(int port)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var sockets = ListeningSockets("/proc/net/tcp", port).Concat(ListeningSockets("/proc/net/tcp6", port))
            .Select(inode => $"socket:[{inode}]").ToHashSet();
        return sockets.Count == 0 ? null : Directory.EnumerateDirectories("/proc").Select(ProcessId)
            .OfType<int>().Where(id => Holds(id, sockets)).Select(id => new PortOwner(id, CommandOf(id))).FirstOrDefault();
    }

    /// <summary>How a person finds the listener where we cannot.</summary>
    public static string HowToFind(int port) => OperatingSystem.IsWindows()
        ? $"netstat -ano | findstr :{port}"
        : OperatingSystem.IsMacOS() ? $"lsof -nP -iTCP:{port} -sTCP:LISTEN" : $"ss -ltnp 'sport = :{port}'";

    private static IEnumerable<string> ListeningSockets(string table, int port)
    {
        // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
        //  0: 0100007F:223D 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 48213 …
        if (!File.Exists(table))
        {
            yield break;
        }

        var wanted = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(wanted, StringComparison.Ordinal))
            {
                yield return fields[9];
            }
        }
    }

    private static int? ProcessId(string folder) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static bool Holds(int id, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{id}/fd")
                .Any(entry => new FileInfo(entry).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or another user's.
            return false;
        }
    }

    private static string CommandOf(int id)
    {
        try
        {
            var command = File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ').Trim();
            return command.Length <= CommandLengthMax ? command : string.Concat(command.AsSpan(0, CommandLengthMax), "…");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }
}
