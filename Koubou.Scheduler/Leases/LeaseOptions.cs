namespace Koubou.Scheduler.Leases;

/// <summary>A worker's timed right to a task. Section <c>Queue:Lease</c>.</summary>
public sealed class LeaseOptions
{
    public const string Section = "Queue:Lease";

    /// <summary>How long a lease lives without a heartbeat. From 2 seconds to 1 hour. Default: 30 seconds.</summary>
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause between heartbeats. Default: 10 seconds.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For how long ahead tasks are leased for a node that ends them faster than that, so that its free slots need not wait
    /// for the trip to the queue's server. From 0 (never) to 50 milliseconds. Default: 10 milliseconds where a lease is
    /// such a trip (Redis), else 0.
    /// </summary>
    public TimeSpan? Ahead { get; set; }
}
