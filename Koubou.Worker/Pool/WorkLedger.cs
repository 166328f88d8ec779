using Koubou.Contracts;
using Koubou.Worker.Nodes;

namespace Koubou.Worker.Pool;

/// <summary>What runs in which slot, and whose end is reported but not confirmed yet.</summary>
/// <remarks>Guarded by the pool's lock.</remarks>
internal sealed class WorkLedger(int slots)
{
    private readonly Dictionary<LeaseKey, Work> _running = [];
    private readonly UnconfirmedReports _unconfirmed = new();
    private readonly Occupancy _occupied = new(slots);
    private TaskCompletionSource? _quiet;

    /// <summary>Slots whose craftsman has not let go.</summary>
    public int Occupied => _occupied.Count;

    /// <summary>Work that asks none of the node's backends.</summary>
    public int BesideBackends => _occupied.BesideBackends;

    /// <summary>The first free slot, from 1. There must be one.</summary>
    public int FreeSlot => _occupied.FreeSlot;

    /// <summary>The scheduler is not too far behind with its confirmations.</summary>
    public bool MayTakeMore => !_unconfirmed.IsFull;

    /// <summary>Work whose end is not reported. A copy: ending one changes the ledger.</summary>
    public IReadOnlyList<Work> Running => [.. _running.Values];

    /// <summary>The leases to renew, and to name after a reconnect.</summary>
    /// <param name="withUnconfirmed">Also those whose end is reported but not confirmed.</param>
    public List<HeldLease> Held(bool withUnconfirmed)
    {
        var held = _running.Keys.Select(key => key.ToHeldLease());
        return [.. withUnconfirmed ? held.Concat(_unconfirmed.Leases) : held];
    }

    public Work? Find(LeaseKey lease) => _running.GetValueOrDefault(lease);

    /// <summary>Gives the work its slot. False: its lease is being worked on already.</summary>
    public bool TryEnter(Work work)
    {
        if (!_running.TryAdd(work.Lease, work))
        {
            return false;
        }

        _occupied.Enter(work);
        return true;
    }

    /// <summary>Its craftsman let go.</summary>
    public void Leave(Work work)
    {
        _occupied.Leave(work);
        SignalQuiet();
    }

    /// <summary>Reports the end, once.</summary>
    public void Settle(Work work, TaskReport report, Outbox? outbox)
    {
        if (work.Settled)
        {
            return;
        }

        work.Settled = true;
        _running.Remove(work.Lease);
        _unconfirmed.Post(report, outbox);
    }

    /// <summary>Reports what nobody here works on.</summary>
    public void Post(TaskReport report, Outbox? outbox) => _unconfirmed.Post(report, outbox);

    /// <summary>Nobody wants to hear of its end any more.</summary>
    public void Abandon(Work work)
    {
        work.Settled = true;
        _running.Remove(work.Lease);
        work.Stop();
        SignalQuiet();
    }

    /// <summary>The scheduler has this report on record, or refused it for good.</summary>
    public void Confirm(LeaseKey lease)
    {
        _unconfirmed.Remove(lease);
        SignalQuiet();
    }

    /// <summary>Tells a new scheduler what the last one did not confirm.</summary>
    /// <returns>What it does not want to hear.</returns>
    public IReadOnlyList<LeaseKey> Resend(Outbox outbox, IReadOnlySet<LeaseKey> wanted) => _unconfirmed.Resend(outbox, wanted);

    /// <summary>Completes when nothing runs and every report is confirmed.</summary>
    public Task WhenQuiet()
    {
        _quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        SignalQuiet();
        return _quiet.Task;
    }

    /// <summary>Work begins anew, so the next quiet is another one.</summary>
    public void EndQuiet() => _quiet = null;

    private void SignalQuiet()
    {
        if (_quiet is not null && _running.Count == 0 && _unconfirmed.IsEmpty)
        {
            _quiet.TrySetResult();
        }
    }
}
