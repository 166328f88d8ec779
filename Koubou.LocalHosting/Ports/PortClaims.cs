namespace Koubou.LocalHosting.Ports;

/// <summary>
/// Which ports this process has chosen, told to others of its kind on this machine: a byte of one file is locked for each.
/// The system lets go of the locks when the process ends. It covers the moments when nobody listens on the port, before a
/// service has bound it and while a service starts anew.
/// </summary>
/// <remarks>Where files cannot be locked by the byte (macOS), and where the file is not ours to write, nothing is told.</remarks>
internal static class PortClaims
{
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
            return new FileStream(
                Path.Combine(Path.GetTempPath(), $"koubou-ports-{Environment.UserName}"),
                FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
