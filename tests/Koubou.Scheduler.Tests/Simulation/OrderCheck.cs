using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>
/// Follows the log of a day on which every node could take every task, and compares each start with all that waited
/// then: no priority, aged as it was, was passed over, and no client got more than its turn.
/// </summary>
internal sealed class OrderCheck
{
    // A submit can be taken once it is on disk; its event tells the time before.
    private static readonly TimeSpan OnDiskAfter = TimeSpan.FromSeconds(1);
    private static readonly OrderOptions Order = new();

    private readonly Dictionary<string, TaskEvent> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Priority, string Client), int> _passedOver = [];
    private readonly int _passedOverMax;

    // There are two clients, who take turns. A scheduler that comes back begins with the one whose task is older.
    private OrderCheck(int schedulerCrashes) => _passedOverMax = 1 + schedulerCrashes;

    public static void Check(IEnumerable<TaskEvent> events, int schedulerCrashes)
    {
        var check = new OrderCheck(schedulerCrashes);
        foreach (var change in events)
        {
            check.Follow(change);
        }
    }

    private void Follow(TaskEvent change)
    {
        if (_waiting.Remove(change.TaskId, out var waited)
            && !_waiting.Values.Any(task => (task.Priority, task.Client) == (waited.Priority, waited.Client)))
        {
            // Who waits for nothing, if only for a moment, begins anew at the end of the line.
            _passedOver[(waited.Priority, waited.Client)] = 0;
        }

        if (change.State == TaskState.Queued)
        {
            _waiting.Add(change.TaskId, change);
        }
        else if (change.Kind == EventKind.Started && waited is not null)
        {
            CheckPriority(change);
            CheckShare(change);
        }
    }

    private void CheckPriority(TaskEvent started)
    {
        var rank = Rank(started.Priority, _waiting.Values.Append(started));
        foreach (var level in Settled(started).GroupBy(task => task.Priority))
        {
            Assert.True(
                rank <= Rank(level.Key, level),
                $"Event {started.Sequence}: {started.TaskId} of priority {started.Priority} went before {level.Key}");
        }
    }

    private void CheckShare(TaskEvent started)
    {
        _passedOver[(started.Priority, started.Client)] = 0;
        var others = Settled(started)
            .Where(task => task.Priority == started.Priority && task.Client != started.Client)
            .Select(task => task.Client)
            .ToHashSet();
        foreach (var key in _passedOver.Keys.Where(key => key.Priority == started.Priority && key.Client != started.Client))
        {
            // Who waits for nothing is not passed over.
            _passedOver[key] = others.Contains(key.Client) ? _passedOver[key] : 0;
        }

        foreach (var client in others)
        {
            var passedOver = _passedOver.GetValueOrDefault((started.Priority, client)) + 1;
            _passedOver[(started.Priority, client)] = passedOver;
            Assert.True(
                passedOver <= _passedOverMax,
                $"Event {started.Sequence}: client {client} was passed over {passedOver} times at priority {started.Priority}");
        }
    }

    private IEnumerable<TaskEvent> Settled(TaskEvent started) =>
        _waiting.Values.Where(task => started.At.ToDateTimeOffset() - task.At.ToDateTimeOffset() > OnDiskAfter);

    private static long Rank(int priority, IEnumerable<TaskEvent> tasks) => OrderRules.Rank(
        priority, tasks.Where(task => task.Priority == priority).Min(task => Submitted(task)), Order.AgeingStep);

    private static long Submitted(TaskEvent task) =>
        TaskId.TryParse(task.TaskId, out var id) ? id.Milliseconds : throw new FormatException(task.TaskId);
}
