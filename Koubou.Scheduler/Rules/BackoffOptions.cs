namespace Koubou.Scheduler.Rules;

/// <summary>How long a task waits after a transient failure. Section <c>Queue:Backoff</c>.</summary>
public sealed class BackoffOptions
{
    public const string Section = "Queue:Backoff";

    /// <summary>The wait after the first failure, before jitter. Default: 1 second.</summary>
    public TimeSpan First { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>No wait is longer, before jitter. Default: 5 minutes.</summary>
    public TimeSpan Longest { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Each wait is the last one times this. From 1 to 10. Default: 2.</summary>
    public double Factor { get; set; } = 2;

    /// <summary>A wait varies by up to this share in both directions. From 0 to 0.5. Default: 0.2.</summary>
    public double Jitter { get; set; } = 0.2;
}
