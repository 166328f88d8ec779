using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>A real queue, and what a model of it expects.</summary>
internal sealed class ModelledQueue(QueueHarness queue)
{
    private const int AttemptsMax = 3;
    private static readonly string[] Batches = ["", "", "night", "day"];

    private readonly List<Expected> _tasks = [];
    private readonly List<LeaseKey> _leases = [];

    private DateTimeOffset Now => queue.Clock.GetUtcNow();

    public Task StepAsync(QueueModel.Step step) => step.Operation switch
    {
        QueueModel.Operation.Submit => SubmitAsync(step.Choice),
        QueueModel.Operation.SubmitScheduled => SubmitAsync(
            step.Choice, task => task.NotBefore = Now.AddSeconds(10 * (step.Choice % 5))),
        QueueModel.Operation.SubmitWithDeadline => SubmitAsync(
            step.Choice, task => task.Deadline = Now.AddSeconds(10 * (1 + (step.Choice % 5)))),
        QueueModel.Operation.SubmitWithKey => SubmitAsync(step.Choice, task => task.Key = $"key-{step.Choice % 3}"),
        QueueModel.Operation.SubmitDependant => SubmitDependantAsync(step.Choice),
        QueueModel.Operation.SubmitChain => SubmitChainAsync(step.Choice),
        QueueModel.Operation.Lease => LeaseAsync(),
        QueueModel.Operation.Complete => SettleAsync(step.Choice, lease => queue.CompleteAsync(lease), Complete),
        QueueModel.Operation.Fail when step.Choice % 4 == 0 => SettleAsync(
            step.Choice, lease => queue.FailAsync(lease, FailureKind.Permanent), task => task.State = TaskState.Failed),
        QueueModel.Operation.Fail => SettleAsync(step.Choice, lease => queue.FailAsync(lease), Fail),
        QueueModel.Operation.Lose => SettleAsync(step.Choice, queue.LoseAsync, Lose),
        QueueModel.Operation.GiveBack => GiveBackAsync(step.Choice),
        QueueModel.Operation.Cancel => CancelAsync([.. Pick(step.Choice)]),
        QueueModel.Operation.CancelBatch => CancelAsync(
            [.. _tasks.Where(task => task.Batch == Batches[2 + (step.Choice % 2)] && !task.State.IsFinal())]),
        QueueModel.Operation.Retry => RetryAsync([.. Pick(step.Choice)]),
        QueueModel.Operation.RetryAll => RetryAsync([.. _tasks.Where(task => Transitions.CanRetry(task.State))]),
        QueueModel.Operation.Delete => DeleteAsync(step.Choice),
        QueueModel.Operation.Renew => RenewAsync(),
        QueueModel.Operation.Advance => AdvanceAsync(step.Choice),
        QueueModel.Operation.StepBack => StepBackAsync(step.Choice),
        _ => RestartAsync(),
    };

    public async Task CompareAsync()
    {
        // A lease, and a dependant that became ready, may still wait for company on their way to the disk.
        await queue.RestartAsync();
        foreach (var task in _tasks)
        {
            var record = await queue.Store.GetAsync(task.Id, includeOutput: true, CancellationToken.None);
            Assert.Equal((task.State, task.Used), (record?.State ?? TaskState.Unspecified, record?.AttemptsUsed ?? task.Used));
            Assert.Equal(task.State == TaskState.Succeeded ? "done" : "", record?.Output ?? "");
            if (task.State == TaskState.Blocked)
            {
                Assert.Equal(
                    task.DependsOn.Where(other => !other.IsOver).Select(other => other.Id).Order(StringComparer.Ordinal),
                    record!.WaitingFor.Order(StringComparer.Ordinal));
            }
        }

        var counts = await queue.Store.CountAsync(CancellationToken.None);
        Assert.All(TaskStates.All, state => Assert.Equal(Count(_tasks, state), counts[state]));
        Assert.Equal(
            _tasks.Count(task => !task.IsOver), await queue.Store.CountLiveAsync("local", CancellationToken.None));
        await CompareWaitingAsync();
        await CompareBatchesAsync();
        await CompareEventsAsync();
    }

    private async Task CompareWaitingAsync()
    {
        var waiting = await queue.Store.CountWaitingAsync(CancellationToken.None);
        Assert.Equal(
            _tasks.Where(task => task.State is TaskState.Blocked or TaskState.Scheduled or TaskState.Queued)
                .GroupBy(task => task.Priority)
                .Select(group => (group.Key, (long)group.Count(), (long)Count(group, TaskState.Queued)))
                .Order(),
            waiting.Select(count => (count.Priority, count.Count, count.Queued)).Order());
    }

    private async Task CompareBatchesAsync()
    {
        foreach (var id in Batches.Where(id => id.Length > 0).Distinct())
        {
            var batch = await queue.Store.GetBatchAsync(id, CancellationToken.None);
            var tasks = _tasks.Where(task => task.Batch == id && task.State != TaskState.Unspecified).ToList();
            Assert.Equal(tasks.Count, batch?.Total ?? 0);
            Assert.All(
                TaskStates.All,
                state => Assert.Equal(Count(tasks, state), batch?.TasksByState.GetValueOrDefault(state.ToWord()) ?? 0));
            Assert.Equal(tasks.Count > 0 && tasks.TrueForAll(task => task.IsOver), batch?.FinishedAt is not null);
        }
    }

    // The log alone tells the same story: numbered without a gap, each step allowed.
    private async Task CompareEventsAsync()
    {
        var states = new Dictionary<string, TaskState>(StringComparer.Ordinal);
        long number = 0;
        foreach (var change in await queue.EventsAsync())
        {
            Assert.Equal(++number, change.Sequence);
            if (states.TryGetValue(change.TaskId, out var before) && change.Kind != EventKind.Deleted)
            {
                Assert.True(Transitions.IsAllowed(before, change.State), $"{before} → {change.State}");
            }

            states[change.TaskId] = change.Kind == EventKind.Deleted ? TaskState.Unspecified : change.State;
        }

        Assert.All(_tasks, task => Assert.Equal(task.State, states[task.Id]));
    }

    private static int Count(IEnumerable<Expected> tasks, TaskState state) => tasks.Count(task => task.State == state);

    private IEnumerable<Expected> Pick(int choice) => _tasks.Count == 0 ? [] : [_tasks[choice % _tasks.Count]];

    private Task SubmitAsync(int choice, Action<Expected>? change = null) => SubmitAsync([NewTask(choice, change)]);

    // One or two of the tasks that are there, however they ended.
    private Task SubmitDependantAsync(int choice)
    {
        var present = _tasks.Where(task => task.State != TaskState.Unspecified).ToList();
        return present.Count == 0 ? SubmitAsync(choice) : SubmitAsync(choice, task =>
        {
            task.RunsAnyway = choice % 3 == 0;
            task.DependsOn.Add(present[choice % present.Count]);
            if (choice % 2 == 0 && present[choice / 7 % present.Count] is var second && !task.DependsOn.Contains(second))
            {
                task.DependsOn.Add(second);
            }

            if (choice % 5 == 0)
            {
                task.NotBefore = Now.AddSeconds(20);
            }
        });
    }

    // Three in one submit, each before or after the one that it waits for.
    private Task SubmitChainAsync(int choice)
    {
        var tasks = Enumerable.Range(0, 3).Select(_ => NewTask(choice)).ToArray();
        foreach (var (waits, first) in choice % 2 == 0 ? [(1, 0), (2, 1)] : new[] { (0, 1), (1, 2) })
        {
            tasks[waits].DependsOn.Add(tasks[first]);
            tasks[waits].RunsAnyway = choice % 3 == 0;
        }

        return SubmitAsync(tasks);
    }

    private Expected NewTask(int choice, Action<Expected>? change = null)
    {
        var task = new Expected
        {
            Priority = 1 + (choice % 10),
            Batch = Batches[choice / 10 % Batches.Length],
        };
        change?.Invoke(task);
        return task;
    }

    private async Task SubmitAsync(params Expected[] tasks)
    {
        var submitted = new List<NewTask>();
        foreach (var task in tasks)
        {
            submitted.Add(queue.NewTask("x", task.Priority, task.Describe));
            task.Id = submitted[^1].Id.ToString();
        }

        // Known only now: a task may wait for a later one of the same call.
        foreach (var (task, spec) in tasks.Zip(submitted.Select(each => each.Spec)))
        {
            spec.DependsOn.Add(task.DependsOn.Select(other => other.Id));
        }

        var receipts = await queue.Store.EnqueueAsync(submitted, CancellationToken.None);

        foreach (var (task, receipt) in tasks.Zip(receipts))
        {
            var known = _tasks.Find(other => other.Key == task.Key && task.Key.Length > 0 && other.State != TaskState.Unspecified);
            Assert.Equal((known?.Id ?? task.Id, known is not null), (receipt.Id, receipt.Duplicate));
            if (known is null)
            {
                _tasks.Add(task);
                task.State = TaskState.Blocked;
            }
        }

        Unblock();
    }

    private async Task LeaseAsync()
    {
        var best = _tasks.Where(task => task.State == TaskState.Queued)
            .GroupBy(task => task.Priority)
            .OrderBy(level => level.Min(task => task.Milliseconds) - (level.Key * (long)queue.Order.AgeingStep.TotalMilliseconds))
            .ThenByDescending(level => level.Key)
            .FirstOrDefault()?
            .MinBy(task => task.Id, StringComparer.Ordinal);

        var leased = await queue.LeaseAsync();

        Assert.Equal(best?.Id, leased?.Lease.TaskId);
        if (best is not null)
        {
            (best.State, best.Used, best.Lease) = (TaskState.Running, best.Used + 1, leased!.Lease);
            best.LeasedUntil = Now + queue.Lease.Duration;
            _leases.Add(leased.Lease);
        }
    }

    // Any lease that was ever given, also one that is long lost.
    private async Task SettleAsync(int choice, Func<LeaseKey, Task<ReportOutcome>> settle, Action<Expected> apply)
    {
        if (_leases.Count == 0)
        {
            return;
        }

        var lease = _leases[choice % _leases.Count];
        var task = _tasks.Single(each => each.Id == lease.TaskId);

        var outcome = await settle(lease);

        var valid = task.State == TaskState.Running && task.Lease == lease;
        Assert.Equal(valid, outcome == ReportOutcome.Accepted);
        if (valid)
        {
            apply(task);
            Unblock();
        }
    }

    private Task GiveBackAsync(int choice)
    {
        var wait = TimeSpan.FromSeconds(choice % 3 * 5);
        return SettleAsync(choice, lease => queue.GiveBackAsync(lease, wait), task =>
        {
            task.Used--;
            Wait(task, wait, wait > TimeSpan.Zero ? TaskState.Scheduled : TaskState.Queued);
        });
    }

    private static void Complete(Expected task) => task.State = TaskState.Succeeded;

    private void Fail(Expected task)
    {
        if (task.Used >= AttemptsMax)
        {
            task.State = TaskState.Failed;
            return;
        }

        Wait(task, TimeSpan.FromSeconds(Math.Pow(2, task.Used - 1)), TaskState.Scheduled);
    }

    private void Lose(Expected task)
    {
        if (task.Used >= AttemptsMax)
        {
            task.State = TaskState.Failed;
            return;
        }

        Wait(task, TimeSpan.Zero, TaskState.Queued);
    }

    private void Wait(Expected task, TimeSpan wait, TaskState state)
    {
        task.DueAt = Now + wait;
        task.State = task.Deadline <= task.DueAt ? TaskState.Expired : state;
    }

    private async Task CancelAsync(Expected[] tasks)
    {
        var results = await queue.Store.CancelAsync([.. tasks.Select(task => task.Id)], CancellationToken.None);

        foreach (var (task, result) in tasks.Zip(results))
        {
            Assert.Equal(!task.IsOver, result.Outcome == ChangeOutcome.Changed);
            task.State = task.IsOver ? task.State : TaskState.Cancelled;
        }

        Unblock();
    }

    private async Task RetryAsync(Expected[] tasks)
    {
        var results = await queue.Store.RetryAsync([.. tasks.Select(task => task.Id)], CancellationToken.None);

        foreach (var (task, result) in tasks.Zip(results))
        {
            Assert.Equal(Transitions.CanRetry(task.State), result.Outcome == ChangeOutcome.Changed);
            if (Transitions.CanRetry(task.State))
            {
                (task.State, task.Used) = (TaskState.Blocked, 0);
                task.Deadline = task.Deadline > Now ? task.Deadline : null;
            }
        }

        Unblock();
    }

    private async Task DeleteAsync(int choice)
    {
        foreach (var task in Pick(choice).Where(task => task.State != TaskState.Unspecified))
        {
            var needed = _tasks.Exists(other => other.State == TaskState.Blocked && other.DependsOn.Contains(task));

            var result = await queue.DeleteAsync(task.Id);

            Assert.Equal(task.IsOver && !needed, result.Outcome == ChangeOutcome.Changed);
            task.State = task.IsOver && !needed ? TaskState.Unspecified : task.State;
        }
    }

    private async Task RenewAsync()
    {
        var running = _tasks.Where(task => task.State == TaskState.Running).ToList();

        // Those that are long lost too.
        var invalid = await queue.Store.RenewAsync(_leases, CancellationToken.None);

        Assert.Equal(_leases.Except(running.Select(task => task.Lease)), invalid);
        running.ForEach(task => task.LeasedUntil = Now + queue.Lease.Duration);
    }

    // Far enough for a backoff, or for a lease too.
    private Task AdvanceAsync(int choice)
    {
        queue.Clock.Advance(choice % 3 == 0 ? queue.Lease.Duration : TimeSpan.FromSeconds(5));
        return SweepAsync();
    }

    private async Task StepBackAsync(int choice)
    {
        // The store has looked at its clock just before, as its loops do all the time.
        await SweepAsync();
        queue.Clock.AdjustTime(Now - TimeSpan.FromSeconds(7 * (1 + (choice % 20))));
        var longest = Now + queue.Lease.Duration;
        foreach (var task in _tasks.Where(task => task.LeasedUntil > longest))
        {
            task.LeasedUntil = longest;
        }

        await SweepAsync();
    }

    private async Task SweepAsync()
    {
        await queue.Store.ReleaseDueAsync(1_000, CancellationToken.None);
        foreach (var task in _tasks.Where(task => task.State == TaskState.Scheduled && task.DueAt <= Now))
        {
            task.State = TaskState.Queued;
        }

        await queue.Store.ReapLeasesAsync(1_000, CancellationToken.None);
        foreach (var task in _tasks.Where(task => task.State == TaskState.Running && task.LeasedUntil <= Now))
        {
            Lose(task);
        }

        Unblock();
        await queue.Store.ExpireAsync(1_000, CancellationToken.None);
        foreach (var task in _tasks.Where(task => !task.IsOver && task.Deadline <= Now))
        {
            task.State = TaskState.Expired;
        }

        Unblock();
    }

    private async Task RestartAsync()
    {
        await queue.RestartAsync();

        // As every node does that comes back.
        await RenewAsync();
    }

    // Whoever waits for nothing any more is ready; who waits for what cannot succeed any more fails, and so on.
    private void Unblock()
    {
        bool anyMoved;
        do
        {
            anyMoved = false;
            foreach (var task in _tasks.Where(task => task.State == TaskState.Blocked))
            {
                if (!task.RunsAnyway && task.DependsOn.Exists(other => other.IsOver && other.State != TaskState.Succeeded))
                {
                    task.State = TaskState.Failed;
                    anyMoved = true;
                }
                else if (task.DependsOn.TrueForAll(other => other.IsOver))
                {
                    task.State = task.NotBefore > Now ? TaskState.Scheduled : TaskState.Queued;
                    task.DueAt = task.NotBefore ?? default;
                }
            }
        }
        while (anyMoved);
    }

    private sealed class Expected
    {
        public string Id { get; set; } = "";

        public required int Priority { get; init; }

        public required string Batch { get; init; }

        public string Key { get; set; } = "";

        public List<Expected> DependsOn { get; } = [];

        public bool RunsAnyway { get; set; }

        public DateTimeOffset? NotBefore { get; set; }

        public DateTimeOffset? Deadline { get; set; }

        /// <summary>Unspecified: it was deleted.</summary>
        public TaskState State { get; set; }

        public int Used { get; set; }

        public LeaseKey Lease { get; set; }

        public DateTimeOffset LeasedUntil { get; set; }

        public DateTimeOffset DueAt { get; set; }

        public bool IsOver => State == TaskState.Unspecified || State.IsFinal();

        public long Milliseconds => TaskId.TryParse(Id, out var id) ? id.Milliseconds : throw new FormatException(Id);

        public void Describe(TaskSpec spec)
        {
            spec.AttemptsMax = AttemptsMax;
            spec.BatchId = Batch;
            spec.IdempotencyKey = Key;
            spec.RunIfDependencyFailed = RunsAnyway;
            spec.NotBefore = NotBefore is { } notBefore ? Timestamp.FromDateTimeOffset(notBefore) : null;
            spec.Deadline = Deadline is { } deadline ? Timestamp.FromDateTimeOffset(deadline) : null;
        }
    }
}
