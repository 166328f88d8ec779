namespace Koubou.Cli.Load;

/// <summary>Some of many times, in milliseconds.</summary>
internal sealed record Percentiles(double P50, double P95, double P99, double Max)
{
    /// <summary>By nearest rank: each is a time that was measured. Null when nothing was.</summary>
    public static Percentiles? Of(IEnumerable<TimeSpan?> times)
    {
        double[] sorted = [.. times.OfType<TimeSpan>().Select(time => time.TotalMilliseconds).Order()];
        return sorted.Length == 0
            ? null
            : new Percentiles(At(sorted, 0.50), At(sorted, 0.95), At(sorted, 0.99), sorted[^1]);
    }

    private static double At(double[] sorted, double share) =>
        Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)], digits: 2);
}
