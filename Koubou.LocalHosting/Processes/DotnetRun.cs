using System.Runtime.InteropServices;

namespace Koubou.LocalHosting.Processes;

/// <summary>
/// The <c>dotnet run</c> that started the AppHost, if one did. To a user it is the AppHost, so when it is killed the AppHost
/// ends too; nobody would look for a second process.
/// </summary>
internal static class DotnetRun
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    /// <summary>Returns when the <c>dotnet run</c> above us is gone; waits for ever where there is none to see.</summary>
    public static async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        var parent = OperatingSystem.IsLinux() ? GetParentId() : 0;
        if (parent == 0 || !IsDotnetRun(parent))
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return;
        }

        // An orphan gets another parent; a number used again cannot deceive us.
        using var look = new PeriodicTimer(_look);
        while (GetParentId() == parent)
        {
            await look.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static bool IsDotnetRun(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/cmdline").Split('\0') is [var program, "run" or "watch", ..]
                && Path.GetFileName(program) == "dotnet";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetParentId();
}
