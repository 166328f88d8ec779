namespace Koubou.Worker.Nodes;

/// <summary>How long to wait before the next try: doubles, stays below a bound, and no two nodes wait alike.</summary>
internal static class Backoff
{
    private const int DoublingsMax = 20;

    /// <param name="failures">Tries that failed in a row, from 1.</param>
    /// <param name="min">The first bound.</param>
    /// <param name="max">The last bound.</param>
    /// <param name="chance">From 0 up to 1.</param>
    /// <returns>Between half of the bound and the bound.</returns>
    public static TimeSpan Delay(int failures, TimeSpan min, TimeSpan max, double chance)
    {
        var doublings = Math.Clamp(failures - 1, 0, DoublingsMax);
        var bound = Math.Min(min.TotalMilliseconds * Math.Pow(2, doublings), max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(bound * (0.5 + (chance / 2)));
    }
}
