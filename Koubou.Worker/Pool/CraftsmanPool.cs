using Koubou.Contracts;
using Koubou.Worker.Artifacts;
using Koubou.Worker.Backends;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Nodes;
using Koubou.Worker.Telemetry;
using Microsoft.Extensions.Options;

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
    private readonly Dictionary<LeaseKey, Work> _running = [];
    private readonly UnconfirmedReports _unconfirmed = new();
    private readonly Occupancy _occupied;
    private readonly CraftsmanRegistry _craftsmen;
    private readonly TaskTypes _types;
    private readonly SlotLedger _ledger;
    private readonly Func<int> _backendsParallel;
    private readonly ILogger<CraftsmanPool> _logger;
    private Outbox? _outbox;
    private TaskCompletionSource? _quiet;
    private bool _draining;

    public CraftsmanPool(
        IOptions<WorkerOptions> options, CraftsmanRegistry craftsmen, TaskTypes types, IPoolSizing sizing,
        BackendSet backends, WorkerTelemetry telemetry, ArtifactUploads artifacts, TimeProvider clock,
        ILogger<CraftsmanPool> logger)
    {
        Options = options.Value;
        Artifacts = artifacts;
        _craftsmen = craftsmen;
        _types = types;
        _ledger = new SlotLedger(Options, sizing);
        _backendsParallel = () => backends.Parallel;
        NamesAgent = backends.NamesAgent;
        Telemetry = telemetry;
        Clock = clock;
        _logger = logger;
        _occupied = new Occupancy(Options.SlotsMax);
        telemetry.Watch(() => Slots, () => Busy, () => backends.Lanes);
        backends.Changed += Reconsider;
    }

    public WorkerOptions Options { get; }

    public WorkerTelemetry Telemetry { get; }

    public ArtifactUploads Artifacts { get; }

    /// <summary>Whether a backend of that name is an agent.</summary>
    public Func<string, bool> NamesAgent { get; }

    public TimeProvider Clock { get; }

    public int Slots => _ledger.Slots;

    /// <summary>The most that settings and operator allow.</summary>
    public int SlotsMax => _ledger.SlotsMax;

    public int Busy
    {
        get
        {
            lock (_gate)
            {
                return _occupied.Count;
            }
        }
    }

    /// <summary>The leases to renew, and to name after a reconnect.</summary>
    /// <param name="withUnconfirmed">Also those whose end is reported but not confirmed.</param>
    public List<HeldLease> Held(bool withUnconfirmed)
    {
        lock (_gate)
        {
            var held = _running.Keys.Select(key => key.ToHeldLease());
            return [.. withUnconfirmed ? held.Concat(_unconfirmed.Leases) : held];
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
            foreach (var work in _running.Values.Where(work => !known.Contains(work.Lease)).ToList())
            {
                Abandon(work, EndReason.LeaseLost);
            }

            foreach (var key in _unconfirmed.Resend(outbox, known))
            {
                LogReportNotWanted(key.TaskId);
            }

            foreach (var work in _running.Values.Where(work => work.Rewind()))
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

        var leasedAt = Clock.GetTimestamp();
        lock (_gate)
        {
            foreach (var assignment in assignments)
            {
                _ledger.UseCredit();
                if (_draining || _occupied.Count >= SlotsMax)
                {
                    Refuse(assignment);
                    continue;
                }

                Start(assignment, leasedAt);
            }

            Resized(() => _ledger.NoteArrival(_occupied.Count, Useful()));
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
                _unconfirmed.Remove(new LeaseKey(ack.TaskId, ack.LeaseToken));
                if (ack.Outcome == ReportOutcome.LeaseLost)
                {
                    LogReportRefused(ack.TaskId);
                }
            }

            Regrant();
            SignalQuiet();
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
                if (_running.TryGetValue(new LeaseKey(end.TaskId, end.LeaseToken), out var work))
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
            Settle(work, report);
            _occupied.Leave(work);
            Regrant();
            SignalQuiet();
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
            Resized(() => _ledger.EndPeriod(_occupied.Count, Useful()));
            Regrant();
        }
    }

    /// <summary>Reports the timeout of craftsmen who ignore that their time is up.</summary>
    public void ReportOverdue()
    {
        var now = Clock.GetTimestamp();
        lock (_gate)
        {
            foreach (var work in _running.Values.ToList())
            {
                if (Clock.GetElapsedTime(work.LeasedAt, now) > work.Limit + StopGrace)
                {
                    LogIgnoresStop(work.Task.Id, work.Task.Type, work.Slot);
                    Settle(work, work.NewReport(report => report.Failed = new Failed
                    {
                        Error = Failures.TimedOut(work.Limit),
                    }));
                }
            }
        }
    }

    /// <summary>Backends answer more or fewer calls side by side than before.</summary>
    public void Reconsider()
    {
        lock (_gate)
        {
            Resized(() => _ledger.Reconsider(_occupied.Count, Useful()));
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
            Resized(() => _ledger.Reconsider(_occupied.Count, Useful()));
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
            _quiet = null;
            _outbox?.PostOffer();
            Regrant();
        }
    }

    /// <summary>Hands back everything that is not finished; the attempts are not counted.</summary>
    public void GiveBackAll()
    {
        lock (_gate)
        {
            foreach (var work in _running.Values.ToList())
            {
                LogGivenBack(work.Task.Id);
                Settle(work, work.NewReport(report => report.GivenBack = Refusals.Leaving()));
                work.Stop();
            }

            SignalQuiet();
        }
    }

    /// <summary>Completes when nothing runs and every report is confirmed.</summary>
    public Task WhenQuietAsync()
    {
        lock (_gate)
        {
            _quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            SignalQuiet();
            return _quiet.Task;
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
        var slot = _occupied.FreeSlot;
        var type = _types.Find(assignment.Spec?.Type ?? "");
        var work = new Work(this, _craftsmen.For(type?.Name ?? assignment.Spec?.Type ?? ""), assignment, type, slot,
            leasedAt);
        if (_running.TryAdd(work.Lease, work))
        {
            _occupied.Enter(work);
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }
    }

    private void Refuse(Assignment assignment)
    {
        _unconfirmed.Post(
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
        work.Settled = true;
        _running.Remove(work.Lease);
        work.Stop();
        LogEnded(work.Task.Id, reason);
        SignalQuiet();
    }

    private void Settle(Work work, TaskReport report)
    {
        if (work.Settled)
        {
            return;
        }

        work.Settled = true;
        _running.Remove(work.Lease);
        _unconfirmed.Post(report, _outbox);
    }

    // A craftsman who asks no model is of use beyond what the backends answer.
    private int Useful() => _backendsParallel() + _occupied.BesideBackends;

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

        if (_ledger.TakeGrant(_occupied.Count, !_unconfirmed.IsFull) is var change and not 0)
        {
            _outbox.PostCredit(change);
        }
    }

    private void SignalQuiet()
    {
        if (_quiet is not null && _running.Count == 0 && _unconfirmed.IsEmpty)
        {
            _quiet.TrySetResult();
        }
    }
}
