using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Scheduler.Stores;

/// <summary>A task that passed the rules of submission, with every default filled in.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Spec">What the client asked for.</param>
/// <param name="SubmittedAt">When it was taken.</param>
public sealed record NewTask(TaskId Id, TaskSpec Spec, DateTimeOffset SubmittedAt);

/// <summary>A lease's name: the right of one attempt to one task.</summary>
public readonly record struct LeaseKey(string TaskId, ulong Token);

/// <summary>A wish for work.</summary>
/// <param name="Node">Who asks.</param>
/// <param name="Count">At most so many.</param>
/// <param name="Fits">Whether a task of this kind may run there.</param>
/// <param name="Holds">
/// Whether the node has the model for such tasks loaded already; after a task for which it has not, no more are taken, for
/// then it holds another one. Default: not known.
/// </param>
/// <param name="HeldSince">Since when tasks of the loaded model go first.</param>
public sealed record LeaseRequest(
    string Node, int Count, Func<LaneKey, bool> Fits, Func<LaneKey, bool>? Holds = null, DateTimeOffset HeldSince = default)
{
    /// <summary>Whether the node takes a type at all: no task fits whose type it does not. Default: any.</summary>
    public Func<string, bool>? Takes { get; init; }
}

/// <summary>What a task requires of a node. Tasks with equal requirements wait in one lane.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Backend">The wanted backend. Empty: any.</param>
/// <param name="Model">The wanted model. Empty: the backend's own.</param>
/// <param name="Policy">How far it may travel.</param>
/// <param name="Runner">The options with which the model must be loaded, as <see cref="RunnerOptions"/> spells them.</param>
public sealed record LaneKey(string Type, string Backend, string Model, DataPolicy Policy, string Runner = "")
{
    public static LaneKey Of(TaskSpec spec) => new(
        spec.Type, spec.Backend, spec.Model, spec.DataPolicy, spec.Options.Count == 0 ? "" : RunnerOptions.Pick(spec.Options));
}

/// <summary>A task under a fresh lease.</summary>
public sealed record LeasedTask(LeaseKey Lease, int Attempt, TaskSpec Spec, DateTimeOffset SubmittedAt)
{
    /// <summary>What its dependencies answered, where the task asks for it.</summary>
    public IReadOnlyList<DependencyOutput> Inputs { get; init; } = [];
}

/// <summary>How an attempt ended, as told under its lease.</summary>
/// <param name="Lease">The lease that entitles to tell.</param>
public abstract record Settlement(LeaseKey Lease);

/// <summary>The answer is there.</summary>
public sealed record CompletedSettlement(LeaseKey Lease, Completed Report) : Settlement(Lease);

/// <summary>The attempt failed.</summary>
public sealed record FailedSettlement(LeaseKey Lease, Failed Report) : Settlement(Lease);

/// <summary>The node hands the task back; the attempt does not count.</summary>
public sealed record GivenBackSettlement(LeaseKey Lease, GivenBack Report) : Settlement(Lease);

/// <summary>The node went away; the attempt counts.</summary>
public sealed record LostSettlement(LeaseKey Lease, string Reason) : Settlement(Lease);

/// <summary>As many tasks wait or run as the queue may hold.</summary>
public sealed class QueueFullException(string message) : Exception(message);

/// <summary>The store cannot be opened, read or written. The message says what mends it.</summary>
public sealed class StoreUnusableException(string message, Exception? inner = null)
    : UnusableException(message, inner);
