namespace Koubou.Scheduler.Rules;

/// <summary>The wait between attempts: exponential, bounded, with jitter so that failed tasks do not return as one herd.</summary>
public static class Backoff
{
    /// <summary>The wait after an attempt.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="random">A number from 0 (inclusive) to 1 (exclusive) that places the wait within its jitter.</param>
    public static TimeSpan After(int attempt, BackoffOptions options, double random)
    {
        var exponent = Math.Clamp(attempt - 1, 0, 62);
        var wait = Math.Min(
            options.First.TotalMilliseconds * Math.Pow(options.Factor, exponent),
            options.Longest.TotalMilliseconds);
        var spread = 1 + (options.Jitter * ((2 * random) - 1));
        return TimeSpan.FromMilliseconds(wait * spread);
    }
}
