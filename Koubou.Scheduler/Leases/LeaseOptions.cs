namespace Koubou.Scheduler.Leases;

/// <summary>A worker's timed right to a task. Section <c>Queue:Lease</c>.</summary>
public sealed class LeaseOptions
{
    public const string Section = "Queue:Lease";

    /// <summary>How long a lease lives without a heartbeat. From 2 seconds to 1 hour. Default: 30 seconds.</summary>
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause between heartbeats. Default: 10 seconds.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(10);
}
