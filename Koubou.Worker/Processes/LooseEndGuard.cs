using System.Diagnostics;

namespace Koubou.Worker.Processes;

/// <summary>
/// Only where nothing encloses children: a shell that outlives the worker by a moment and kills what still carries the
/// node's mark. It learns of the worker's end from the end of its standard input, which the kernel closes even on SIGKILL.
/// </summary>
internal sealed class LooseEndGuard : IDisposable
{
    // grep reads all environments at once: a shell loop over thousands of processes would be too slow.
    private const string Script =
        """
        trap '' INT TERM HUP
        cat >/dev/null
        looks=0
        while [ "$looks" -lt 50 ]; do
            looks=$((looks + 1))
            left=$(grep -lsz "^$1" /proc/[0-9]*/environ | sed 's|/proc/\([0-9]*\)/.*|\1|')
            [ -n "$left" ] || exit 0
            kill -9 $left 2>/dev/null
            sleep 0.1
        done
        """;

    private readonly Process _process;

    private LooseEndGuard(Process process) => _process = process;

    /// <summary>Null where there is no such guard.</summary>
    public static async Task<LooseEndGuard?> StartAsync(Spawner spawner, string node)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var process = await spawner.StartAsync(
            new ProcessStartInfo("/bin/sh", ["-c", Script, "koubou-guard", $"{MarkedProcesses.Variable}={node}."])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            });
        return new LooseEndGuard(process);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.Dispose();
    }
}
