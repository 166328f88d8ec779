using System.Diagnostics;
using System.Globalization;
using Koubou.Processes;

namespace Koubou.LocalHosting.Processes;

/// <summary>
/// Finds everything that descends from a workshop by the mark in its environment. A mark survives what a process tree does
/// not: parents that died first, sessions of their own, processes forked before anybody could write their ids down.
/// </summary>
internal static class MarkedProcesses
{
    /// <summary>The variable that carries the mark: <c>{workshop}.{service}</c>.</summary>
    public const string Variable = "KOUBOU_WORKSHOP";

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _killPatience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Asks all with this mark to end, and kills what still runs after the grace. Looks again until a look finds nothing,
    /// because a process may fork between look and kill.
    /// </summary>
    public static async Task EndAsync(string mark, TimeSpan grace)
    {
        if (grace > TimeSpan.Zero)
        {
            Find(mark).ForEach(UnixSignals.AskToEnd);
        }

        var clock = Stopwatch.StartNew();
        while (Find(mark) is { Count: > 0 } left && clock.Elapsed < grace + _killPatience)
        {
            if (clock.Elapsed >= grace)
            {
                left.ForEach(UnixSignals.End);
            }

            await Task.Delay(_look);
        }
    }

    /// <summary>The ids of all processes whose mark starts with this one, and of their descendants.</summary>
    public static List<int> Find(string mark) =>
        OperatingSystem.IsLinux() ? ProcScan.Find(Variable, mark) : OperatingSystem.IsMacOS() ? FindWithPs(mark) : [];

    private static List<int> FindWithPs(string mark)
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-axEww", "-o", "pid=,command="])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        });
        return ps is null ? [] : [.. ps.StandardOutput.ReadToEnd().Split('\n')
            .Where(line => line.Contains($"{Variable}={mark}", StringComparison.Ordinal))
            .Select(line => int.Parse(line.TrimStart().Split(' ')[0], CultureInfo.InvariantCulture))
            .Where(id => id != Environment.ProcessId)];
    }
}
