using System.Globalization;
using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

internal sealed partial class RedisQueueStore
{
    public Task<IReadOnlyList<ChangeResult>> CancelAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        ChangeAsync("cancel", ids);

    public Task<IReadOnlyList<ChangeResult>> RetryAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        ChangeAsync("retry", ids);

    public Task<IReadOnlyList<ChangeResult>> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellation) =>
        ChangeAsync("delete", ids);

    public Task<int> ReleaseDueAsync(int max, CancellationToken cancellation) => SweepAsync("release", [Now, max]);

    public Task<int> ReapLeasesAsync(int max, CancellationToken cancellation) => SweepAsync(
        "reap", [Now, max, _leaseOptions.Duration.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)]);

    public Task<int> ExpireAsync(int max, CancellationToken cancellation) => SweepAsync("expire", [Now, max]);

    public async Task<int> PurgeAsync(DateTimeOffset finishedBefore, int max, CancellationToken cancellation)
    {
        var before = finishedBefore.ToUnixTimeMilliseconds();
        var answer = await StepAsync(
            "purge", [Now, before, max, new TaskId(TaskId.FirstKeyOf(Math.Max(0, before)), 0).ToString()]);
        return (int)answer[1];
    }

    private async Task<IReadOnlyList<ChangeResult>> ChangeAsync(string function, IReadOnlyList<string> ids)
    {
        var arguments = new List<RedisValue>(1 + ids.Count) { Now };
        arguments.AddRange(ids.Select(id => (RedisValue)Normal(id)));
        var answer = await StepAsync(function, arguments);
        var results = new ChangeResult[ids.Count];
        for (var index = 0; index < results.Length; index++)
        {
            var changed = (int)answer[1 + (2 * index)] == 1;
            var state = (TaskState)(int)answer[2 + (2 * index)];
            results[index] = new ChangeResult
            {
                Id = ids[index],
                State = state,
                Outcome = changed ? ChangeOutcome.Changed
                    : state == TaskState.Unspecified ? ChangeOutcome.UnknownId
                    : ChangeOutcome.WrongState,
            };
        }

        return results;
    }

    // Told by the way: the newest number and whether tasks are ready, for the case that a message of theirs was lost.
    private async Task<int> SweepAsync(string function, RedisValue[] arguments)
    {
        var answer = await StepAsync(function, arguments);
        if ((int)answer[2] == 1)
        {
            TasksReady?.Invoke();
        }

        return (int)answer[1];
    }
}
