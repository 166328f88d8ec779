using Koubou.Contracts;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>A task that is not finished, as the scheduler holds it in memory. Guarded by the store's gate.</summary>
internal sealed class LiveTask
{
    public required TaskId Id { get; init; }

    /// <summary>Shared by all ready tasks of its lane: a million tasks must not hold a million equal keys.</summary>
    public required LaneKey Lane { get; set; }

    public required int Priority { get; init; }

    /// <summary>Shared like the lane.</summary>
    public required string Client { get; set; }

    public required string BatchId { get; init; }

    public required int AttemptsMax { get; init; }

    /// <summary>Milliseconds since 1970, like all times here; 0: none.</summary>
    public required long DeadlineAt { get; set; }

    /// <summary>It does not start before; a retry does not lift that.</summary>
    public long NotBeforeAt { get; init; }

    /// <summary>Tasks that must be final before this one starts. Changed only before the task is known to others.</summary>
    public IReadOnlyList<TaskId> DependsOn { get; set; } = [];

    /// <summary>Starts even when a dependency did not succeed.</summary>
    public bool RunIfDependencyFailed { get; init; }

    /// <summary>Those of <see cref="DependsOn"/> that a blocked task still waits for.</summary>
    public HashSet<TaskId>? WaitingFor { get; set; }

    public TaskState State { get; set; }

    /// <summary>Stands in the ready queue.</summary>
    public bool IsWaiting { get; set; }

    public int AttemptsUsed { get; set; }

    public long DueAt { get; set; }

    public long StartedAt { get; set; }

    public long FinishedAt { get; set; }

    /// <summary>0: no lease was ever given.</summary>
    public ulong LeaseToken { get; set; }

    public long LeaseUntil { get; set; }

    public string Node { get; set; } = "";

    /// <summary>Replaced whole, never changed in place: the commit loop reads it without the gate.</summary>
    public IReadOnlyList<Attempt> Attempts { get; set; } = [];

    public TaskError? Error { get; set; }

    public long OutputBytes { get; set; }

    /// <summary>What the answer brought along. Replaced whole, like the attempts.</summary>
    public IReadOnlyList<Artifact> Artifacts { get; set; } = [];

    /// <summary>The spec, while the cache has room for it; else it is read when the task is leased.</summary>
    public TaskSpec? Spec { get; set; }

    /// <summary>The batch that will write this task's newest state.</summary>
    public WriteBatch? DirtyIn { get; set; }

    /// <summary>Number of its newest event on disk. Only the commit loop touches it.</summary>
    public long LastEvent { get; set; }

    /// <summary>The row as it is to be written, copied under the gate because the task may move on meanwhile.</summary>
    public RowImage ToImage() => new(
        this, State, AttemptsUsed, DueAt, DeadlineAt, StartedAt, FinishedAt, LeaseToken, Node, Attempts, Error, OutputBytes,
        Artifacts);
}

/// <summary>The changeable columns of a task's row at one moment.</summary>
internal readonly record struct RowImage(
    LiveTask Task,
    TaskState State,
    int AttemptsUsed,
    long DueAt,
    long DeadlineAt,
    long StartedAt,
    long FinishedAt,
    ulong LeaseToken,
    string Node,
    IReadOnlyList<Attempt> Attempts,
    TaskError? Error,
    long OutputBytes,
    IReadOnlyList<Artifact> Artifacts);
