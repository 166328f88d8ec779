using Koubou.Contracts;
using Koubou.Worker.Nodes;

namespace Koubou.Worker.Pool;

/// <summary>Final reports that the scheduler has not confirmed yet: kept, and told again to the next scheduler.</summary>
/// <remarks>Guarded by the pool's lock.</remarks>
internal sealed class UnconfirmedReports
{
    // Beyond this, no more tasks are taken.
    private const int CountMax = 4096;

    private readonly Dictionary<LeaseKey, TaskReport> _reports = [];

    public bool IsEmpty => _reports.Count == 0;

    public bool IsFull => _reports.Count >= CountMax;

    public IEnumerable<HeldLease> Leases => _reports.Keys.Select(key => key.ToHeldLease());

    /// <summary>Keeps a report and sends it, if there is somebody to send it to.</summary>
    public void Post(TaskReport report, Outbox? outbox)
    {
        _reports[LeaseKey.Of(report)] = report;
        outbox?.Post(report);
    }

    /// <summary>It is on record, or refused for good.</summary>
    public void Remove(LeaseKey lease) => _reports.Remove(lease);

    /// <summary>A new scheduler: it is told again what it still wants to hear.</summary>
    /// <returns>Those that it does not want.</returns>
    public IReadOnlyList<LeaseKey> Resend(Outbox outbox, IReadOnlySet<LeaseKey> wanted)
    {
        var unwanted = _reports.Keys.Where(key => !wanted.Contains(key)).ToList();
        unwanted.ForEach(key => _reports.Remove(key));
        foreach (var report in _reports.Values)
        {
            outbox.Post(report);
        }

        return unwanted;
    }
}
