using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Koubou.Worker.Processes.Relays;

/// <summary>What the relay may inside its namespaces, and its child should not inherit.</summary>
internal static class Capabilities
{
    private const int NoNewPrivileges = 38;
    private const int Ambient = 47;
    private const nuint ClearAll = 4;

    /// <summary>For this thread and what it starts from here on.</summary>
    public static void GiveUp()
    {
        if (Control(Ambient, ClearAll, 0, 0, 0) != 0 || Control(NoNewPrivileges, 1, 0, 0, 0) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);
}
