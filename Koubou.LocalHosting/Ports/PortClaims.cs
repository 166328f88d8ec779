namespace Koubou.LocalHosting.Ports;

/// <summary>
/// Which ports this process has chosen, told to the same user's other workshops on this machine: a byte of one file in the
/// folder for temporary files is locked for each.
/// The system lets go of the locks when the process ends. It covers the moments when nobody listens on the port, before a
/// service has bound it and while a service starts anew.
/// </summary>
/// <remarks>Where files cannot be locked by the byte, as on macOS, and where the file is not ours to write, nothing is told.</remarks>
internal static class PortClaims
{
    private const long BehindAllPorts = 65_536;

    /// <summary>The file of this user's claims; byte number N stands for port N.</summary>
    public static string FilePath { get; } = Path.Combine(Path.GetTempPath(), $"koubou-ports-{Environment.UserName}");

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Mine = [];

    // Never closed: on Unix that would let go of every claim of the process.
    private static readonly FileStream? File = Open();

    /// <summary>False when this process or another one has claimed the port.</summary>
    public static bool TryClaim(int port)
    {
        lock (Gate)
        {
            if (Mine.Contains(port))
            {
                return false;
            }

            try
            {
                if (!OperatingSystem.IsMacOS())
                {
                    File?.Lock(port, 1);
                }
            }
            catch (IOException)
            {
                return false;
            }

            return Mine.Add(port);
        }
    }

    /// <summary>Whether another workshop has claimed the port.</summary>
    public static bool IsAnothers(int port)
    {
        if (TryClaim(port))
        {
            Release(port);
            return false;
        }

        lock (Gate)
        {
            return !Mine.Contains(port);
        }
    }

    public static void Release(int port)
    {
        lock (Gate)
        {
            if (Mine.Remove(port) && !OperatingSystem.IsMacOS())
            {
                File?.Unlock(port, 1);
            }
        }
    }

    private static FileStream? Open()
    {
        try
        {
            var file = new FileStream(
                FilePath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (!OperatingSystem.IsMacOS())
            {
                // A byte that nobody else asks for: it tells whether the file system has locks.
                file.Lock(BehindAllPorts + Environment.ProcessId, 1);
            }

            return file;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
