using System.Diagnostics;

namespace Koubou.Bench;

/// <summary>How many a second.</summary>
internal static class Rate
{
    public static async Task<double> OfAsync(int tasks, Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return tasks / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
