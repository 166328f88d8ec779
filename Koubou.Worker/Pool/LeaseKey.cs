using Koubou.Contracts;

namespace Koubou.Worker.Pool;

/// <summary>One lease on one task: what every report must name.</summary>
internal readonly record struct LeaseKey(string TaskId, ulong Token)
{
    public static LeaseKey Of(HeldLease lease) => new(lease.TaskId, lease.LeaseToken);

    public static LeaseKey Of(TaskReport report) => new(report.TaskId, report.LeaseToken);

    public HeldLease ToHeldLease() => new() { TaskId = TaskId, LeaseToken = Token };
}
