using Koubou.Contracts;
using Koubou.Worker.Backends;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Memory;
using Koubou.Worker.Nodes;

namespace Koubou.Worker.Pool;

/// <summary>
/// The node's craftsmen: who works on what, and what the scheduler has not confirmed yet. How many slots there are, and
/// the credit for them, is the ledger's.
/// </summary>
internal sealed partial class CraftsmanPool
{
    // How long a craftsman may ignore that he was told to stop before the node reports without him.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly WorkLedger _works;
    private readonly SlotLedger _ledger;
    private readonly Workbench _bench;
    private readonly BackendSet _backends;
    private readonly MemoryWatch _memory;
    private readonly ILogger<CraftsmanPool> _logger;
    private Outbox? _outbox;
    private bool _draining;

    public CraftsmanPool(
        Workbench bench, IPoolSizing sizing, BackendSet backends, MemoryWatch memory, ILogger<CraftsmanPool> logger)
    {
        _bench = bench;
        _ledger = new SlotLedger(bench.Options, sizing);
        _works = new WorkLedger(bench.Options.SlotsMax);
        _backends = backends;
        _memory = memory;
        _logger = logger;
        bench.Telemetry.Watch(() => Slots, () => Busy, () => backends.Lanes);
        backends.Changed += Reconsider;
        memory.Changed += Reconsider;
    }

    public int Slots => _ledger.Slots;

    /// <summary>The most that settings and operator allow.</summary>
    public int SlotsMax => _ledger.SlotsMax;

    public int Busy
    {
        get
        {
            lock (_gate)
            {
                return _works.Occupied;
            }
        }
    }

    /// <summary>The leases to renew, and to name after a reconnect.</summary>
    /// <param name="withUnconfirmed">Also those whose end is reported but not confirmed.</param>
    public List<HeldLease> Held(bool withUnconfirmed)
    {
        lock (_gate)
        {
            return _works.Held(withUnconfirmed);
        }
    }

    /// <summary>A scheduler is there: ends what it does not know, repeats what it has not confirmed, grants credit.</summary>
    public void Attach(Outbox outbox, IEnumerable<HeldLease> kept)
    {
        var known = kept.Select(LeaseKey.Of).ToHashSet();
        lock (_gate)
        {
            _outbox = outbox;
            _ledger.ForgetCredit();
            foreach (var work in _works.Running.Where(work => !known.Contains(work.Lease)))
            {
                Abandon(work, EndReason.LeaseLost);
            }

            foreach (var key in _works.Resend(outbox, known))
            {
                LogReportNotWanted(key.TaskId);
            }

            foreach (var work in _works.Running.Where(work => work.Rewind()))
            {
                outbox.HasNews(work);
            }

            if (_draining)
            {
                outbox.PostDraining();
            }

            Regrant();
        }
    }

    /// <summary>The stream to the scheduler is gone; work goes on.</summary>
    public void Detach(Outbox outbox)
    {
        lock (_gate)
        {
            if (_outbox == outbox)
            {
                _outbox = null;
            }
        }
    }

    public void Assign(IReadOnlyList<Assignment> assignments)
    {
        if (assignments.Count == 0)
        {
            return;
        }

        var leasedAt = _bench.Clock.GetTimestamp();
        lock (_gate)
        {
            foreach (var assignment in assignments)
            {
                _ledger.UseCredit();
                if (_draining || _works.Occupied >= SlotsMax)
                {
                    Refuse(assignment);
                    continue;
                }

                Start(assignment, leasedAt);
            }

            Resized(() => _ledger.NoteArrival(_works.Occupied, Useful()));
            Regrant();
        }
    }

    /// <summary>The scheduler has these reports on record, or refused them.</summary>
    public void Confirm(IReadOnlyList<ReportAck> acks)
    {
        if (acks.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var ack in acks)
            {
                _works.Confirm(new LeaseKey(ack.TaskId, ack.LeaseToken));
                if (ack.Outcome == ReportOutcome.LeaseLost)
                {
                    LogReportRefused(ack.TaskId);
                }
            }

            Regrant();
        }
    }

    /// <summary>Ends work that nobody wants any more.</summary>
    public void End(IReadOnlyList<EndWork> ends)
    {
        if (ends.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var end in ends)
            {
                if (_works.Find(new LeaseKey(end.TaskId, end.LeaseToken)) is { } work)
                {
                    Abandon(work, end.Reason);
                }
            }
        }
    }

    /// <summary>The craftsman let go: his report and the credit for his slot leave in the same frame.</summary>
    public void Finish(Work work, TaskReport report)
    {
        lock (_gate)
        {
            _works.Settle(work, report, _outbox);
            _works.Leave(work);
            Regrant();
        }
    }

    /// <summary>There is output or progress to send.</summary>
    public void HasNews(Work work)
    {
        lock (_gate)
        {
            if (!work.Settled)
            {
                _outbox?.HasNews(work);
            }
        }
    }

    /// <summary>A whole period has passed: gives up slots that stayed idle.</summary>
    public void EndPeriod()
    {
        lock (_gate)
        {
            Resized(() => _ledger.EndPeriod(_works.Occupied, Useful()));
            Regrant();
        }
    }

    /// <summary>Reports the timeout of craftsmen who ignore that their time is up.</summary>
    public void ReportOverdue()
    {
        var now = _bench.Clock.GetTimestamp();
        lock (_gate)
        {
            foreach (var work in _works.Running)
            {
                if (_bench.Clock.GetElapsedTime(work.LeasedAt, now) > work.Limit + StopGrace)
                {
                    LogIgnoresStop(work.Task.Id, work.Task.Type, work.Slot);
                    var timedOut = work.NewReport(report => report.Failed = new Failed
                    {
                        Error = Failures.TimedOut(work.Limit),
                    });
                    _works.Settle(work, timedOut, _outbox);
                }
            }
        }
    }

    /// <summary>Backends answer more or fewer calls side by side than before.</summary>
    public void Reconsider()
    {
        lock (_gate)
        {
            Resized(() => _ledger.Reconsider(_works.Occupied, Useful()));
            Regrant();
        }
    }

    /// <summary>The operator's limit, within that of the settings. What runs above it is finished.</summary>
    public void SetSlotsMax(int max)
    {
        lock (_gate)
        {
            _ledger.SetMax(max);
            LogLimited(SlotsMax);
            Resized(() => _ledger.Reconsider(_works.Occupied, Useful()));
            _outbox?.PostOffer();
            Regrant();
        }
    }

    /// <summary>Takes no more tasks from now on.</summary>
    public void BeginDrain()
    {
        lock (_gate)
        {
            _draining = true;
            _outbox?.PostDraining();
        }
    }

    /// <summary>Takes tasks again.</summary>
    public void EndDrain()
    {
        lock (_gate)
        {
            _draining = false;
            _works.EndQuiet();
            _outbox?.PostOffer();
            Regrant();
        }
    }

    /// <summary>Hands back everything that is not finished; the attempts are not counted.</summary>
    public void GiveBackAll()
    {
        lock (_gate)
        {
            foreach (var work in _works.Running)
            {
                LogGivenBack(work.Task.Id);
                _works.Settle(work, work.NewReport(report => report.GivenBack = Refusals.Leaving()), _outbox);
                work.Stop();
            }
        }
    }

    /// <summary>Completes when nothing runs and every report is confirmed.</summary>
    public Task WhenQuietAsync()
    {
        lock (_gate)
        {
            return _works.WhenQuiet();
        }
    }

    public void NoteFailure(Work work, Exception exception, TaskReport report)
    {
        if (report.Failed is { Error.Code: "craftsman_error" })
        {
            LogCraftsmanError(exception, work.Task.Id, work.Task.Type);
        }
        else if (!work.Settled)
        {
            LogAttemptEnded(work.Task.Id, exception.Message);
        }
    }

    private void Start(Assignment assignment, long leasedAt)
    {
        var type = _bench.FindType(assignment.Spec?.Type ?? "");
        var craftsman = _bench.CraftsmanFor(type?.Name ?? assignment.Spec?.Type ?? "");
        var work = new Work(this, _bench, craftsman, assignment, type, _works.FreeSlot, leasedAt);
        if (_works.TryEnter(work))
        {
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }
    }

    private void Refuse(Assignment assignment)
    {
        _works.Post(
            new TaskReport
            {
                TaskId = assignment.TaskId,
                LeaseToken = assignment.LeaseToken,
                GivenBack = _draining ? Refusals.Leaving() : Refusals.NoSlot(),
            },
            _outbox);
    }

    private void Abandon(Work work, EndReason reason)
    {
        _works.Abandon(work);
        LogEnded(work.Task.Id, reason);
    }

    // A craftsman who asks no model is of use beyond what the backends answer; none is while memory runs short.
    private int Useful() => _memory.IsShort ? 0 : _backends.Parallel + _works.BesideBackends;

    private void Resized(Action change)
    {
        var before = Slots;
        change();
        if (Slots != before)
        {
            LogResized(before, Slots);
            _outbox?.PostOffer();
        }
    }

    private void Regrant()
    {
        if (_outbox is null || _draining)
        {
            return;
        }

        if (_ledger.TakeGrant(_works.Occupied, _works.MayTakeMore) is var change and not 0)
        {
            _outbox.PostCredit(change);
        }
    }
}
