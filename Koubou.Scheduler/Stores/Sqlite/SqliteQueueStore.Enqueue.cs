using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Rules;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    public async Task<IReadOnlyList<TaskReceipt>> EnqueueAsync(
        IReadOnlyList<NewTask> tasks, CancellationToken cancellation)
    {
        EnsureSound();
        var succeeded = await FindSucceededAsync(tasks, cancellation);
        var inserts = new List<TaskInsert>(tasks.Count);
        foreach (var task in tasks)
        {
            inserts.Add(new TaskInsert(ToLive(task, succeeded), task.Spec, task.SubmittedAt));
        }

        await InsertAsync(inserts, cancellation);
        var receipts = new List<TaskReceipt>(tasks.Count);
        foreach (var insert in inserts)
        {
            receipts.Add(insert.Duplicate ?? new TaskReceipt
            {
                Id = insert.Task.Id.ToString(),
                State = insert.FirstState == TaskState.Blocked ? insert.Task.State : insert.FirstState,
                QueuePosition = insert.QueuePosition,
            });
        }

        return receipts;
    }

    // Writes new rows, all or none, within the bounds of the queue.
    private async Task InsertAsync(List<TaskInsert> inserts, CancellationToken cancellation)
    {
        Task committed;
        lock (_gate)
        {
            ThrowIfBroken();
            var held = _live.Count + _insertsPending;
            if (held + inserts.Count > _limits.LiveTasksMax)
            {
                throw new QueueFullException(
                    $"The queue holds {held:N0} unfinished tasks of at most {_limits.LiveTasksMax:N0}. "
                    + "Submit again when some are done.");
            }

            if (_options.BytesMax > 0 && _bytesUsed > _options.BytesMax)
            {
                throw new QueueFullException(
                    $"The queue's database holds {_bytesUsed:N0} bytes of at most {_options.BytesMax:N0}. Delete finished "
                    + "tasks, shorten Queue:Maintenance:Retention, or raise Queue:Sqlite:BytesMax.");
            }

            _insertsPending += inserts.Count;
            _gathered.Inserts.AddRange(inserts);
            committed = CommitSoon();
        }

        await committed;
        if (inserts.Any(insert => insert.FirstState == TaskState.Blocked))
        {
            await ResolveAsync([.. inserts.Select(insert => insert.Task)], cancellation);
        }
    }

    // The dependencies that have ended well already; who depends on nothing else is ready at once.
    private async Task<HashSet<TaskId>> FindSucceededAsync(
        IReadOnlyList<NewTask> tasks, CancellationToken cancellation)
    {
        var wanted = tasks.SelectMany(task => task.Spec.DependsOn).ToHashSet(StringComparer.Ordinal);
        if (wanted.Count == 0)
        {
            return [];
        }

        var stored = await _reader.FindStatesAsync([.. wanted.Select(TaskId.Parse)], cancellation);
        return [.. stored.Where(pair => pair.Value == TaskState.Succeeded).Select(pair => pair.Key)];
    }

    private static LiveTask ToLive(NewTask task, HashSet<TaskId> succeeded)
    {
        var spec = task.Spec;
        var notBefore = ToMilliseconds(spec.NotBefore);
        TaskId[] dependsOn = [.. spec.DependsOn.Select(TaskId.Parse).Distinct()];
        return new LiveTask
        {
            Id = task.Id,
            Lane = LaneKey.Of(spec),
            Priority = spec.Priority,
            Client = spec.Client,
            BatchId = spec.BatchId,
            AttemptsMax = spec.AttemptsMax,
            DeadlineAt = ToMilliseconds(spec.Deadline),
            NotBeforeAt = notBefore,
            DependsOn = dependsOn,
            RunIfDependencyFailed = spec.RunIfDependencyFailed,
            DueAt = notBefore,
            State = dependsOn.All(succeeded.Contains)
                ? DependencyRules.AfterBlocked(spec.NotBefore?.ToDateTimeOffset(), task.SubmittedAt).State
                : TaskState.Blocked,
            Spec = spec,
        };
    }

    // Makes a task that is now on disk known to the scheduler. Called under the gate.
    private void Admit(TaskInsert insert)
    {
        _insertsPending--;
        if (insert.Duplicate is not null)
        {
            return;
        }

        var task = insert.Task;
        if (task.State.IsFinal())
        {
            // Imported: done elsewhere.
            _counts.Enter(task);
            return;
        }

        if (task.Spec is null || _specBytesCached + Size(task.Spec) > _options.SpecCacheBytes)
        {
            task.Spec = null;
        }
        else
        {
            _specBytesCached += Size(task.Spec);
        }

        _live.Add(task.Id.Key, task);
        _counts.Enter(task);
        Place(task);
        if (task.State == TaskState.Queued)
        {
            insert.QueuePosition = _ready.PositionOf(task);
        }

        if (task.DeadlineAt > 0)
        {
            _times.AddDeadline(task);
        }
    }

    // About what a spec takes in memory: two bytes a character, and its objects, maps and lists.
    private static long Size(TaskSpec spec) => (2L * (spec.Prompt.Length + spec.SystemPrompt.Length)) + 1_024;

    private static long ToMilliseconds(Timestamp? moment) =>
        moment is null ? 0 : moment.ToDateTimeOffset().ToUnixTimeMilliseconds();
}
