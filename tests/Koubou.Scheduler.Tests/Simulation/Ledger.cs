using Koubou.Contracts;
using Koubou.Scheduler.Rules;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>What was promised to clients and nodes, to be compared with what is on record.</summary>
internal sealed class Ledger
{
    private readonly HashSet<string> _answered = [];
    private readonly Dictionary<string, ulong> _recorded = [];
    private readonly HashSet<string> _cancelled = [];
    private readonly Dictionary<ulong, int> _attempts = [];
    private readonly Dictionary<string, int> _newestAttempts = new(StringComparer.Ordinal);

    /// <summary>How often a scheduler crashed.</summary>
    public int SchedulerCrashes { get; private set; }

    /// <summary>What an attempt's report says of whose it is, to be found on record again.</summary>
    public static string Sign(string taskId, int attempt, string node) => $"{taskId}, attempt {attempt} at {node}";

    public void OnSchedulerCrashed() => SchedulerCrashes++;

    /// <summary>A submit was answered.</summary>
    public void OnSubmitted(IEnumerable<TaskReceipt> receipts) => _answered.UnionWith(receipts.Select(receipt => receipt.Id));

    /// <summary>A cancel was answered with success.</summary>
    public void OnCancelled(string id) => _cancelled.Add(id);

    public void OnAssigned(string node, Assignment task, int held, int slots)
    {
        Assert.True(held <= slots, $"{node} holds {held} tasks in {slots} slots with {task.TaskId}");
        _attempts[task.LeaseToken] = task.Attempt;
        _newestAttempts[task.TaskId] = Math.Max(task.Attempt, _newestAttempts.GetValueOrDefault(task.TaskId));
    }

    /// <summary>A node that came back is told that it still holds a task.</summary>
    public void OnKept(HeldLease lease)
    {
        // A scheduler that crashed may have forgotten the lease that came after.
        var attempt = _attempts[lease.LeaseToken];
        Assert.True(
            SchedulerCrashes > 0 || attempt >= _newestAttempts[lease.TaskId],
            $"Attempt {attempt} of {lease.TaskId} may go on beside attempt {_newestAttempts[lease.TaskId]}");
    }

    public void OnAcknowledged(TaskReport report, ReportOutcome outcome)
    {
        if (outcome is ReportOutcome.LeaseLost || report.Completed is null)
        {
            return;
        }

        Assert.True(
            _recorded.TryAdd(report.TaskId, report.LeaseToken) || _recorded[report.TaskId] == report.LeaseToken,
            $"{report.TaskId} was recorded under two leases");
    }

    public void Check(IReadOnlyDictionary<string, TaskRecord> records, IReadOnlyList<TaskEvent> events)
    {
        foreach (var id in _answered)
        {
            Assert.True(records.TryGetValue(id, out var record), $"{id} was answered and lost");
            Assert.True(record.State.IsFinal(), $"{id} is {record.State} for ever");
            Assert.True(record.AttemptsUsed <= record.AttemptsMax, $"{id} used {record.AttemptsUsed} attempts");
            if (_recorded.ContainsKey(id))
            {
                Assert.Equal(TaskState.Succeeded, record.State);
                Assert.Equal(Sign(id, record.Attempts[^1].Number, record.Attempts[^1].Node), record.Output);
            }

            if (_cancelled.Contains(id))
            {
                Assert.Equal(TaskState.Cancelled, record.State);
            }
        }

        CheckEvents(records, events);
    }

    // The log alone tells the same story: numbered without a gap, each step allowed, one end each.
    private static void CheckEvents(IReadOnlyDictionary<string, TaskRecord> records, IReadOnlyList<TaskEvent> events)
    {
        var states = new Dictionary<string, TaskState>(StringComparer.Ordinal);
        long number = 0;
        foreach (var change in events)
        {
            Assert.Equal(++number, change.Sequence);
            if (states.TryGetValue(change.TaskId, out var before))
            {
                Assert.True(
                    Transitions.IsAllowed(before, change.State) && !before.IsFinal(),
                    $"{change.TaskId}: {before} → {change.State}");
            }

            states[change.TaskId] = change.State;
            CheckSignature(change);
        }

        Assert.All(records.Values, record => Assert.Equal(record.State, states[record.Id]));
    }

    // An attempt is ended by its own report, never by one that comes late from an earlier lease.
    private static void CheckSignature(TaskEvent change)
    {
        if (change.Error is { Code: "broken" or "drain" } told
            && change.Kind is EventKind.RetryScheduled or EventKind.Requeued or EventKind.Failed)
        {
            Assert.Equal(Sign(change.TaskId, change.Attempt, change.Node), told.Message);
        }
    }
}
