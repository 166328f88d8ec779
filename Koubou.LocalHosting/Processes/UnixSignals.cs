using System.Runtime.InteropServices;

namespace Koubou.LocalHosting.Processes;

/// <summary>What .NET's own process class cannot say on Unix.</summary>
internal static class UnixSignals
{
    private const int Kill = 9;
    private const int Terminate = 15;

    /// <summary>Asks a process to end.</summary>
    public static void AskToEnd(int processId) => _ = Send(processId, Terminate);

    /// <summary>Ends a process at once.</summary>
    public static void End(int processId) => _ = Send(processId, Kill);

    /// <summary>Leaves the terminal's foreground group, so that Ctrl+C reaches the AppHost alone.</summary>
    public static void LeaveForegroundGroup() => _ = SetProcessGroup(0, 0);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int processId, int signal);

    [DllImport("libc", EntryPoint = "setpgid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetProcessGroup(int processId, int group);
}
