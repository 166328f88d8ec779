namespace Koubou.Scheduler.Maintenance;

/// <summary>The loops that keep the queue in order. Section <c>Queue:Maintenance</c>.</summary>
public sealed class MaintenanceOptions
{
    public const string Section = "Queue:Maintenance";

    /// <summary>
    /// Pause between looks at the clock for retries, leases and deadlines. From 10 milliseconds to 10 seconds.
    /// Default: 200 milliseconds.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long finished tasks and their events are kept. From 1 minute. Default: 30 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Pause between two cleanings. From 1 second to 1 day. Default: 10 minutes.</summary>
    public TimeSpan CleanInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Tasks handled in one step, so that no step holds the queue for long. Default: 1,000.</summary>
    public int StepMax { get; set; } = 1_000;
}
