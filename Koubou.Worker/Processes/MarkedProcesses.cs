using System.Runtime.InteropServices;
using Koubou.Processes;

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

    public static List<int> Find(string mark) => OperatingSystem.IsLinux() ? ProcScan.Find(Variable, mark) : [];

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int processId, int signal);
}
