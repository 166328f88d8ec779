namespace Koubou.Scheduler.Metrics;

/// <summary>
/// Counts durations in buckets that each reach a quarter further than the last, from a millisecond to a day: a quantile
/// is right to within an eighth, at a fixed size.
/// </summary>
internal sealed class DurationHistogram
{
    private const double Ratio = 1.25;
    private const int Buckets = 84;

    private readonly int[] _counts = new int[Buckets];
    private int _total;

    public void Add(TimeSpan duration)
    {
        _counts[BucketOf(duration.TotalMilliseconds)]++;
        _total++;
    }

    public void Add(DurationHistogram other)
    {
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            _counts[bucket] += other._counts[bucket];
        }

        _total += other._total;
    }

    /// <summary>The duration in seconds that a share of all stays within; 0 when there is none.</summary>
    /// <param name="share">From 0 to 1.</param>
    public double Quantile(double share)
    {
        var rank = share * _total;
        long seen = 0;
        for (var bucket = 0; bucket < Buckets && _total > 0; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
            {
                // The middle of the bucket, on its own scale.
                return Math.Pow(Ratio, bucket - 0.5) / 1_000;
            }
        }

        return 0;
    }

    private static int BucketOf(double milliseconds) =>
        milliseconds <= 1 ? 0 : Math.Min(Buckets - 1, (int)Math.Ceiling(Math.Log(milliseconds, Ratio)));
}
