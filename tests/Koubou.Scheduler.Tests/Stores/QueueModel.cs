using CsCheck;
using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>
/// Random lives of a few tasks, restarts and steps of the clock included, told to the real store and to a model that is
/// simple enough to be right. CsCheck shrinks a failure and prints its seed; <c>CsCheck_Seed</c> repeats it.
/// </summary>
public abstract class QueueModel : EngineContract
{
    private const int Operations = 11;

    [Fact]
    public async Task Store_AnyInterleaving_AgreesWithTheModel() =>
        await Gen.Select(Gen.Int[0, Operations - 1], Gen.Int[0, 1_000]).Array[1, 60].SampleAsync(
            async steps =>
            {
                await using var queue = await StartAsync();
                var model = new Model(queue);
                foreach (var (operation, choice) in steps)
                {
                    await model.StepAsync(operation, choice);
                }

                await model.CompareAsync();
            },
            iter: 60,
            threads: 1);

    private sealed class Model(QueueHarness queue)
    {
        private readonly List<Expected> _tasks = [];
        private readonly List<LeaseKey> _leases = [];

        public Task StepAsync(int operation, int choice) => operation switch
        {
            0 or 1 => SubmitAsync(priority: 1 + (choice % 10)),
            2 or 3 => LeaseAsync(),
            4 => SettleAsync(choice, lease => queue.CompleteAsync(lease), _ => TaskState.Succeeded),
            5 => SettleAsync(choice, lease => queue.FailAsync(lease), AfterFailure),
            6 => SettleAsync(choice, queue.LoseAsync, task => task.Used >= 3 ? TaskState.Failed : TaskState.Queued),
            7 => SettleAsync(choice, lease => queue.GiveBackAsync(lease), GiveBack),
            8 => CancelOrRetryAsync(choice),
            9 => AdvanceAsync(choice),
            _ => queue.RestartAsync(),
        };

        public async Task CompareAsync()
        {
            // A lease may still wait for company on its way to the disk.
            await queue.RestartAsync();
            foreach (var task in _tasks)
            {
                var record = await queue.GetAsync(task.Id);
                Assert.Equal((task.State, task.Used), (record.State, record.AttemptsUsed));
                Assert.True(record.AttemptsUsed <= record.AttemptsMax);
                Assert.Equal(task.State == TaskState.Succeeded ? "done" : "", record.Output);
            }

            var counts = await queue.Store.CountAsync(CancellationToken.None);
            Assert.All(TaskStates.All, state => Assert.Equal(_tasks.Count(task => task.State == state), counts[state]));
            await CompareEventsAsync();
        }

        // The log alone tells the same story: numbered without a gap, each step allowed.
        private async Task CompareEventsAsync()
        {
            var states = new Dictionary<string, TaskState>(StringComparer.Ordinal);
            long number = 0;
            foreach (var change in await queue.EventsAsync())
            {
                Assert.Equal(++number, change.Sequence);
                if (states.TryGetValue(change.TaskId, out var before))
                {
                    Assert.True(Transitions.IsAllowed(before, change.State), $"{before} → {change.State}");
                }

                states[change.TaskId] = change.State;
            }

            Assert.All(_tasks, task => Assert.Equal(task.State, states[task.Id]));
        }

        private async Task SubmitAsync(int priority) =>
            _tasks.Add(new Expected(await queue.EnqueueAsync("x", priority), priority));

        private async Task LeaseAsync()
        {
            var best = _tasks.Where(task => task.State == TaskState.Queued)
                .OrderByDescending(task => task.Priority).ThenBy(task => task.Id, StringComparer.Ordinal).FirstOrDefault();

            var leased = await queue.LeaseAsync();

            Assert.Equal(best?.Id, leased?.Lease.TaskId);
            if (best is not null)
            {
                (best.State, best.Used, best.Lease) = (TaskState.Running, best.Used + 1, leased!.Lease);
                _leases.Add(leased.Lease);
            }
        }

        // Any lease that was ever given, also one that is long lost.
        private async Task SettleAsync(
            int choice, Func<LeaseKey, Task<ReportOutcome>> settle, Func<Expected, TaskState> next)
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
                task.State = next(task);
            }
        }

        private TaskState AfterFailure(Expected task)
        {
            if (task.Used >= 3)
            {
                return TaskState.Failed;
            }

            task.DueAt = queue.Clock.GetUtcNow() + Backoff.After(task.Used, queue.Backoff, 0.5);
            return TaskState.Scheduled;
        }

        private static TaskState GiveBack(Expected task)
        {
            task.Used--;
            return TaskState.Queued;
        }

        private async Task CancelOrRetryAsync(int choice)
        {
            if (_tasks.Count == 0)
            {
                return;
            }

            var task = _tasks[choice % _tasks.Count];
            if (Transitions.CanCancel(task.State))
            {
                Assert.Equal(ChangeOutcome.Changed, (await queue.CancelAsync(task.Id)).Outcome);
                task.State = TaskState.Cancelled;
                return;
            }

            var retried = await queue.RetryAsync(task.Id);
            Assert.Equal(Transitions.CanRetry(task.State), retried.Outcome == ChangeOutcome.Changed);
            if (retried.Outcome == ChangeOutcome.Changed)
            {
                (task.State, task.Used) = (TaskState.Queued, 0);
            }
        }

        // Far enough for a backoff, not for a lease; or for both.
        private async Task AdvanceAsync(int choice)
        {
            var step = choice % 4 == 0 ? queue.Lease.Duration : TimeSpan.FromSeconds(5);
            queue.Clock.Advance(step);
            await queue.Store.ReleaseDueAsync(1_000, CancellationToken.None);
            foreach (var task in _tasks.Where(task =>
                task.State == TaskState.Scheduled && task.DueAt <= queue.Clock.GetUtcNow()))
            {
                task.State = TaskState.Queued;
            }

            // The model renews what it holds, so that only whole lease durations lose it.
            if (choice % 4 != 0)
            {
                var running = _tasks.Where(task => task.State == TaskState.Running).Select(task => task.Lease).ToList();
                Assert.Empty(await queue.Store.RenewAsync(running, CancellationToken.None));
                return;
            }

            await queue.Store.ReapLeasesAsync(1_000, CancellationToken.None);
            foreach (var task in _tasks.Where(task => task.State == TaskState.Running))
            {
                task.State = task.Used >= 3 ? TaskState.Failed : TaskState.Queued;
            }
        }
    }

    private sealed class Expected(string id, int priority)
    {
        public string Id { get; } = id;

        public int Priority { get; } = priority;

        public TaskState State { get; set; } = TaskState.Queued;

        public int Used { get; set; }

        public LeaseKey Lease { get; set; }

        public DateTimeOffset DueAt { get; set; }
    }
}
