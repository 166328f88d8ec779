using Koubou.Contracts;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>What one group commit writes. Filled under the store's gate, then owned by the commit loop.</summary>
internal sealed class WriteBatch
{
    private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<TaskInsert> Inserts { get; } = [];

    public List<LiveTask> Dirty { get; } = [];

    public List<PendingEvent> Events { get; } = [];

    public List<OutputWrite> Outputs { get; } = [];

    /// <summary>Keys of tasks to remove.</summary>
    public List<long> Deletes { get; } = [];

    /// <summary>Batches that lost tasks; those without any are removed.</summary>
    public HashSet<string> BatchesTouched { get; } = new(StringComparer.Ordinal);

    /// <summary>Remove events of before this moment; 0: none.</summary>
    public long DeleteEventsBefore { get; set; }

    /// <summary>Somebody waits for the commit; else it may wait a little for company.</summary>
    public bool Urgent { get; set; }

    public bool IsEmpty => Inserts.Count + Dirty.Count + Deletes.Count + Events.Count == 0 && DeleteEventsBefore == 0;

    /// <summary>Completes when everything is on disk; fails when it could not be written.</summary>
    public Task Committed => _committed.Task;

    public void Complete() => _committed.TrySetResult();

    public void Fail(Exception error)
    {
        _committed.TrySetException(error);

        // Not every batch has somebody who waits for it.
        _ = _committed.Task.Exception;
    }
}

/// <summary>A task to be added.</summary>
internal sealed class TaskInsert(LiveTask task, TaskSpec spec, DateTimeOffset submittedAt, TaskRecord? imported = null)
{
    public LiveTask Task { get; } = task;

    public string Prompt { get; } = spec.Prompt;

    public string IdempotencyKey { get; } = spec.IdempotencyKey;

    public IReadOnlyDictionary<string, string>? Labels { get; } = spec.Labels.Count == 0 ? null : spec.Labels.ToDictionary();

    public DateTimeOffset SubmittedAt { get; } = submittedAt;

    /// <summary>The spec without its prompt, which has a column of its own.</summary>
    public byte[] SpecBytes { get; private set; } = StoredSpec.ToBytes(spec);

    /// <summary>The record that another store exported, with its history; null: the task is new.</summary>
    public TaskRecord? Imported { get; } = imported;

    /// <summary>Set when the idempotency key was known: nothing is added.</summary>
    public TaskReceipt? Duplicate { get; set; }

    /// <summary>The state at submission; the task itself may have moved on when the receipt is written.</summary>
    public TaskState FirstState { get; } = task.State;

    public long QueuePosition { get; set; }

    /// <summary>Puts known ids in the place of those of tasks that were not added.</summary>
    public void RedirectDependencies(IReadOnlyDictionary<string, string> known)
    {
        if (!spec.DependsOn.Any(known.ContainsKey))
        {
            return;
        }

        string[] redirected = [.. spec.DependsOn.Select(id => known.GetValueOrDefault(id, id))];
        spec.DependsOn.Clear();
        spec.DependsOn.Add(redirected);
        Task.DependsOn = [.. redirected.Select(TaskId.Parse).Distinct()];
        SpecBytes = StoredSpec.ToBytes(spec);
    }
}

/// <summary>An event that gets its number when it is written.</summary>
internal readonly record struct PendingEvent(LiveTask Task, TaskEvent Event);

/// <summary>A task's answer.</summary>
internal readonly record struct OutputWrite(long Key, string Output, string StructuredOutput);
