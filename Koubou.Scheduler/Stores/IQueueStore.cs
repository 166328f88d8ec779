using Koubou.Contracts;
using Koubou.Scheduler.Tasks;

namespace Koubou.Scheduler.Stores;

/// <summary>
/// What a queue must promise, whatever keeps it. Everything that returns a task to a caller has it on disk first; the
/// one exception is the lease, whose loss costs a second delivery and never a task.
/// </summary>
/// <remarks>
/// Complete, fail, renew and rescue are compare-and-set on the lease token: of two reports for one lease only the first
/// is recorded. Safe to call from many threads.
/// </remarks>
public interface IQueueStore : IAsyncDisposable
{
    /// <summary>The engine's name: <c>sqlite</c>, <c>redis</c> or <c>rabbitmq</c>.</summary>
    string Name { get; }

    /// <summary>The engine's effective settings, secrets hidden.</summary>
    IEnumerable<KeyValuePair<string, string>> Settings { get; }

    /// <summary>Whether each lease is a trip to a server. Default: no.</summary>
    bool LeasesByTrip => false;

    /// <summary>What is wrong with the engine's own server or files. Default: nothing.</summary>
    IReadOnlyList<HealthFinding> Findings => [];

    /// <summary>Every change of every task, once it is on disk.</summary>
    IEventLog Events { get; }

    /// <summary>Called when tasks became ready; may be called more often than that. Must return at once.</summary>
    event Action? TasksReady;

    /// <summary>Makes the store ready, creating or migrating it. Throws <see cref="StoreUnusableException"/>.</summary>
    Task OpenAsync(CancellationToken cancellation);

    /// <summary>
    /// Keeps tasks, all or none. A task with dependencies is blocked until the last of them is final; the ids in its
    /// <c>depends_on</c> are of tasks that exist or stand in the same call. Throws <see cref="QueueFullException"/> or
    /// <see cref="StoreUnusableException"/>.
    /// </summary>
    Task<IReadOnlyList<TaskReceipt>> EnqueueAsync(IReadOnlyList<NewTask> tasks, CancellationToken cancellation);

    /// <summary>Leases up to <see cref="LeaseRequest.Count"/> ready tasks that the node may run, best first.</summary>
    ValueTask<IReadOnlyList<LeasedTask>> LeaseAsync(LeaseRequest request, CancellationToken cancellation);

    /// <summary>Renews leases; returns those that are no longer valid.</summary>
    ValueTask<IReadOnlyList<LeaseKey>> RenewAsync(IReadOnlyList<LeaseKey> leases, CancellationToken cancellation);

    /// <summary>Leases that the store holds for a node, as after a restart of the scheduler.</summary>
    ValueTask<IReadOnlyList<LeaseKey>> ListLeasesAsync(string node, CancellationToken cancellation);

    /// <summary>Records how attempts ended. The outcomes stand in the order of the settlements.</summary>
    Task<IReadOnlyList<ReportOutcome>> SettleAsync(
        IReadOnlyList<Settlement> settlements, CancellationToken cancellation);

    Task<IReadOnlyList<ChangeResult>> CancelAsync(IReadOnlyList<string> ids, CancellationToken cancellation);

    /// <summary>
    /// Puts finished tasks that did not succeed back into the queue, with fresh attempts. A task whose dependencies
    /// still keep it from running fails anew.
    /// </summary>
    Task<IReadOnlyList<ChangeResult>> RetryAsync(IReadOnlyList<string> ids, CancellationToken cancellation);

    Task<IReadOnlyList<ChangeResult>> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellation);

    /// <summary>The task, or null when there is none of that id.</summary>
    Task<TaskRecord?> GetAsync(string id, bool includeOutput, CancellationToken cancellation);

    Task<ListReply> ListAsync(ListRequest request, CancellationToken cancellation);

    Task<IReadOnlyDictionary<TaskState, long>> CountAsync(CancellationToken cancellation);

    /// <summary>Blocked, scheduled and queued tasks, by type and priority.</summary>
    Task<IReadOnlyList<WaitingCount>> CountWaitingAsync(CancellationToken cancellation);

    /// <summary>Tasks of one client that are not final.</summary>
    Task<long> CountLiveAsync(string client, CancellationToken cancellation);

    /// <summary>Batches, newest first.</summary>
    Task<ListBatchesReply> ListBatchesAsync(ListBatchesRequest request, CancellationToken cancellation);

    /// <summary>The strictest data policy among a batch's tasks, or null when no task carries its id.</summary>
    Task<DataPolicy?> FindBatchPolicyAsync(string id, CancellationToken cancellation);

    /// <summary>One batch with its counts, or null when no task carries its id.</summary>
    Task<Batch?> GetBatchAsync(string id, CancellationToken cancellation);

    /// <summary>
    /// Takes tasks in as another store exported them, history and output included; passes over ids that it knows. What
    /// was running comes in queued. Returns how many it took.
    /// </summary>
    Task<int> ImportAsync(IReadOnlyList<TaskRecord> records, CancellationToken cancellation);

    /// <summary>Makes scheduled tasks ready whose time has come. Returns how many.</summary>
    Task<int> ReleaseDueAsync(int max, CancellationToken cancellation);

    /// <summary>Takes back leases that no heartbeat renewed. Returns how many.</summary>
    Task<int> ReapLeasesAsync(int max, CancellationToken cancellation);

    /// <summary>Expires tasks whose deadline has passed. Returns how many.</summary>
    Task<int> ExpireAsync(int max, CancellationToken cancellation);

    /// <summary>Removes tasks that finished before a moment, and events as old. Returns how many tasks.</summary>
    Task<int> PurgeAsync(DateTimeOffset finishedBefore, int max, CancellationToken cancellation);
}
