using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Rules;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    public Task<int> ReleaseDueAsync(int max, CancellationToken cancellation) =>
        SweepAsync(_times.TakeDue, (task, at) => MoveOn(task, new AfterAttempt(TaskState.Queued), at), max);

    public Task<int> ReapLeasesAsync(int max, CancellationToken cancellation) =>
        SweepAsync(
            TakeLapsed,
            (task, at) => Lose(
                task,
                $"Worker node '{task.Node}' gave no sign of life for {_leaseOptions.Duration.TotalSeconds:0} seconds.",
                _time.GetUtcNow(),
                at),
            max);

    public Task<int> ExpireAsync(int max, CancellationToken cancellation) =>
        SweepAsync(_times.TakeOverdue, (task, at) => Stop(task, TaskState.Expired, at), max);

    public async Task<int> PurgeAsync(DateTimeOffset finishedBefore, int max, CancellationToken cancellation)
    {
        var before = finishedBefore.ToUnixTimeMilliseconds();
        var finished = await _reader.FindFinishedAsync(before, max, cancellation);
        var results = await DeleteAsync([.. finished.Select(task => task.Id.ToString())], cancellation);
        Task committed;
        lock (_gate)
        {
            _gathered.DeleteEventsBefore = before;
            committed = CommitSoon();
        }

        await committed;
        return results.Count(result => result.Outcome == ChangeOutcome.Changed);
    }

    private LiveTask? TakeLapsed(long now)
    {
        if (now < _reapedAt)
        {
            ShortenLeases(now + (long)_leaseOptions.Duration.TotalMilliseconds);
        }

        _reapedAt = now;
        return _times.TakeLapsed(now);
    }

    // The clock stepped back: no lease lasts longer than one that is given now, or a silent node would keep its tasks.
    private void ShortenLeases(long longest)
    {
        foreach (var task in _live.Values)
        {
            if (task.State == TaskState.Running && task.LeaseUntil > longest)
            {
                task.LeaseUntil = longest;
                _times.AddLease(task);
            }
        }
    }

    // Takes what the clock brings, up to a bound, and waits until it is on disk.
    private async Task<int> SweepAsync(Func<long, LiveTask?> take, Action<LiveTask, Timestamp> apply, int max)
    {
        EnsureSound();
        var swept = 0;
        var committed = Task.CompletedTask;
        var anyReady = false;
        lock (_gate)
        {
            ThrowIfBroken();
            var now = _time.GetUtcNow();
            var at = Timestamp.FromDateTimeOffset(now);
            TellAfter(at, () =>
            {
                while (swept < max && take(now.ToUnixTimeMilliseconds()) is { } task)
                {
                    apply(task, at);
                    swept++;
                }
            });

            if (swept > 0)
            {
                committed = CommitSoon();
                anyReady = _ready.Count > 0;
            }
        }

        if (anyReady)
        {
            TasksReady?.Invoke();
        }

        await committed;
        return swept;
    }
}
