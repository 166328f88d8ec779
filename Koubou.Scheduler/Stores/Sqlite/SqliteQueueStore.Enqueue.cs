using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Stores.Sqlite;

internal sealed partial class SqliteQueueStore
{
    public async Task<IReadOnlyList<TaskReceipt>> EnqueueAsync(
        IReadOnlyList<NewTask> tasks, CancellationToken cancellation)
    {
        EnsureSound();
        var inserts = new List<TaskInsert>(tasks.Count);
        foreach (var task in tasks)
        {
            inserts.Add(new TaskInsert(ToLive(task), task.Spec, task.SubmittedAt));
        }

        Task committed;
        lock (gate)
        {
            ThrowIfBroken();
            var held = live.Count + insertsPending;
            if (held + tasks.Count > limits.LiveTasksMax)
            {
                throw new QueueFullException(
                    $"The queue holds {held:N0} unfinished tasks of at most {limits.LiveTasksMax:N0}. "
                    + "Submit again when some are done.");
            }

            if (options.BytesMax > 0 && bytesUsed > options.BytesMax)
            {
                throw new QueueFullException(
                    $"The queue's database holds {bytesUsed:N0} bytes of at most {options.BytesMax:N0}. Delete finished "
                    + "tasks, shorten Queue:Maintenance:Retention, or raise Queue:Sqlite:BytesMax.");
            }

            insertsPending += tasks.Count;
            gathered.Inserts.AddRange(inserts);
            committed = CommitSoon();
        }

        await committed;
        var receipts = new List<TaskReceipt>(tasks.Count);
        foreach (var insert in inserts)
        {
            receipts.Add(insert.Duplicate ?? new TaskReceipt
            {
                Id = insert.Task.Id.ToString(),
                State = insert.FirstState,
                QueuePosition = insert.QueuePosition,
            });
        }

        return receipts;
    }

    private static LiveTask ToLive(NewTask task)
    {
        var spec = task.Spec;
        var notBefore = ToMilliseconds(spec.NotBefore);
        return new LiveTask
        {
            Id = task.Id,
            Lane = new LaneKey(spec.Type, spec.Backend, spec.Model, spec.DataPolicy),
            Priority = spec.Priority,
            Client = spec.Client,
            BatchId = spec.BatchId,
            AttemptsMax = spec.AttemptsMax,
            DeadlineAt = ToMilliseconds(spec.Deadline),
            DueAt = notBefore,
            State = notBefore > task.SubmittedAt.ToUnixTimeMilliseconds() ? TaskState.Scheduled : TaskState.Queued,
            Spec = spec,
        };
    }

    // Makes a task that is now on disk known to the scheduler. Called under the gate.
    private void Admit(TaskInsert insert)
    {
        insertsPending--;
        if (insert.Duplicate is not null)
        {
            return;
        }

        var task = insert.Task;
        if (specBytesCached + insert.SpecBytes.Length + insert.Prompt.Length > options.SpecCacheBytes)
        {
            task.Spec = null;
        }
        else
        {
            specBytesCached += Size(task.Spec!);
        }

        live.Add(task.Id.Key, task);
        counts[(int)task.State]++;
        Place(task);
        if (task.State == TaskState.Queued)
        {
            insert.QueuePosition = ready.RoughPositionOf(task);
        }

        if (task.DeadlineAt > 0)
        {
            times.AddDeadline(task);
        }
    }

    private static int Size(TaskSpec spec) => spec.Prompt.Length + spec.SystemPrompt.Length + 256;

    private static long ToMilliseconds(Timestamp? moment) =>
        moment is null ? 0 : moment.ToDateTimeOffset().ToUnixTimeMilliseconds();
}
