using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    public ValueTask<IReadOnlyList<LeasedTask>> LeaseAsync(LeaseRequest request, CancellationToken cancellation)
    {
        EnsureSound();
        List<LiveTask> taken = [];
        LeasedTask[] leased;
        var specsMissing = false;
        lock (_gate)
        {
            ThrowIfBroken();
            var now = _time.GetUtcNow();
            _ready.Take(request, now.ToUnixTimeMilliseconds(), taken);
            if (taken.Count == 0)
            {
                return new ValueTask<IReadOnlyList<LeasedTask>>([]);
            }

            var at = Timestamp.FromDateTimeOffset(now);
            leased = new LeasedTask[taken.Count];
            for (var index = 0; index < taken.Count; index++)
            {
                var task = taken[index];
                leased[index] = Grant(task, request.Node, now.ToUnixTimeMilliseconds(), at);
                specsMissing |= leased[index].Spec is null;
            }
        }

        return specsMissing ? FillSpecsAsync(taken, leased) : new ValueTask<IReadOnlyList<LeasedTask>>(leased);
    }

    public ValueTask<IReadOnlyList<LeaseKey>> RenewAsync(IReadOnlyList<LeaseKey> leases, CancellationToken cancellation)
    {
        var until = Now() + (long)_leaseOptions.Duration.TotalMilliseconds;
        List<LeaseKey> invalid = [];
        lock (_gate)
        {
            foreach (var lease in leases)
            {
                if (FindRunning(lease) is { } task)
                {
                    var steppedBack = until < task.LeaseUntil;
                    task.LeaseUntil = until;
                    if (steppedBack)
                    {
                        // Its entry among the times would come up too late.
                        _times.AddLease(task);
                    }
                }
                else
                {
                    invalid.Add(lease);
                }
            }
        }

        return new ValueTask<IReadOnlyList<LeaseKey>>(invalid);
    }

    public ValueTask<IReadOnlyList<LeaseKey>> ListLeasesAsync(string node, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return new ValueTask<IReadOnlyList<LeaseKey>>(
                [.. _live.Values
                    .Where(task => task.State == TaskState.Running && task.Node == node)
                    .Select(task => new LeaseKey(task.Id.ToString(), task.LeaseToken))]);
        }
    }

    private LeasedTask Grant(LiveTask task, string node, long now, Timestamp at)
    {
        SetState(task, TaskState.Running);
        task.AttemptsUsed++;
        task.LeaseToken = NewToken();
        task.LeaseUntil = now + (long)_leaseOptions.Duration.TotalMilliseconds;
        task.Node = node;
        task.StartedAt = task.StartedAt == 0 ? now : task.StartedAt;
        var attempt = new Attempt
        {
            Number = NextAttemptNumber(task),
            Node = node,
            LeasedAt = at,
            Outcome = AttemptOutcome.Running,
        };
        task.Attempts = [.. task.Attempts, attempt];
        _times.AddLease(task);
        Write(task, EventKind.Started, at);

        var spec = TakeSpec(task);
        return new LeasedTask(
            new LeaseKey(task.Id.ToString(), task.LeaseToken), attempt.Number, spec!, task.Id.CreatedAt);
    }

    private async ValueTask<IReadOnlyList<LeasedTask>> FillSpecsAsync(
        List<LiveTask> taken, LeasedTask[] leased)
    {
        var missing = Enumerable.Range(0, leased.Length).Where(index => leased[index].Spec is null).ToList();
        var specs = await _reader.ReadSpecsAsync([.. missing.Select(index => taken[index].Id.Key)], CancellationToken.None);
        for (var position = 0; position < missing.Count; position++)
        {
            leased[missing[position]] = leased[missing[position]] with { Spec = specs[position] };
        }

        return leased;
    }

    // The spec that the cache holds for a task, and its room with it.
    private TaskSpec? TakeSpec(LiveTask task)
    {
        var spec = task.Spec;
        if (spec is not null)
        {
            task.Spec = null;
            _specBytesCached -= Size(spec);
        }

        return spec;
    }

    // A number that was given back is used again.
    private static int NextAttemptNumber(LiveTask task) =>
        task.Attempts.Count(attempt => attempt.Outcome != AttemptOutcome.GivenBack) + 1;

    private ulong NewToken()
    {
        ulong token;
        do
        {
            token = unchecked((ulong)_random.NextInt64(long.MinValue, long.MaxValue));
        }
        while (token == 0);

        return token;
    }

    // The running task that this lease is for, or null when the lease was lost. The caller holds the gate.
    private LiveTask? FindRunning(LeaseKey lease) =>
        Find(lease.TaskId) is { State: TaskState.Running } task && task.LeaseToken == lease.Token ? task : null;

    private LiveTask? Find(string id) =>
        Tasks.TaskId.TryParse(id, out var taskId) ? Find(taskId) : null;
}
