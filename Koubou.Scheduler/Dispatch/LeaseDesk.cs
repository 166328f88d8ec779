using Koubou.Contracts;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Stores;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Dispatch;

/// <summary>Leases tasks for nodes: what one takes at once and, for a fast one, what it will take in a moment.</summary>
internal sealed partial class LeaseDesk(
    IQueueStore store, IOptions<LeaseOptions> options, TimeProvider time, ILogger<LeaseDesk> logger)
{
    private static readonly TimeSpan AheadByTrip = TimeSpan.FromMilliseconds(10);

    private readonly TimeSpan _ahead = options.Value.Ahead ?? (store.LeasesByTrip ? AheadByTrip : TimeSpan.Zero);

    /// <summary>Where the tasks of a new session lie that were leased ahead.</summary>
    public LeasesAhead OpenAhead() => new(_ahead, time);

    /// <summary>
    /// As many tasks as the node takes at once, or fewer. None also while more are on their way: who fetches them serves the
    /// node then.
    /// </summary>
    public async ValueTask<IReadOnlyList<LeasedTask>> TakeAsync(
        NodeSession node, NodeOffer offer, bool onlyHeld, CancellationToken cancellation)
    {
        var most = node.Credit;
        if (most <= 0)
        {
            // A pool that shrank, or an operator's limit, took the slots back meanwhile.
            return [];
        }

        var taken = node.Ahead.Take(most, offer.Fits);
        return taken.Count > 0 ? taken
            : node.Ahead.IsFilling ? []
            : await LeaseAsync(node, offer, most, onlyHeld, cancellation);
    }

    /// <summary>Fetches what the node will take in a moment.</summary>
    public async Task FillAsync(NodeSession node)
    {
        try
        {
            await LeaseAsync(node, node.Offer, most: 0, onlyHeld: false, CancellationToken.None);
        }
        catch (StoreUnusableException error)
        {
            LogCannotLease(logger, node.NodeId, error.Message);
        }
        finally
        {
            node.Ahead.EndFilling();
        }
    }

    /// <summary>Puts tasks back that their node has not seen: no attempt counts.</summary>
    public async Task GiveBackAsync(NodeSession node, IReadOnlyList<LeasedTask> leased)
    {
        if (leased.Count == 0)
        {
            return;
        }

        var report = new GivenBack
        {
            Reason = new TaskError
            {
                Code = "not_given",
                Message = $"Worker node '{node.NodeId}' left, or took no more tasks, before it was given this one.",
            },
        };
        try
        {
            await store.SettleAsync(
                [.. leased.Select(task => new GivenBackSettlement(task.Lease, report))], CancellationToken.None);
        }
        catch (Exception error) when (error is StoreUnusableException or ObjectDisposedException)
        {
            // Their leases run out by the clock instead.
            LogNotGivenBack(logger, leased.Count, node.NodeId, error.Message);
        }
    }

    private async ValueTask<IReadOnlyList<LeasedTask>> LeaseAsync(
        NodeSession node, NodeOffer offer, int most, bool onlyHeld, CancellationToken cancellation)
    {
        // Where a model must be loaded first, the moment decides what is best.
        var ahead = _ahead == TimeSpan.Zero || offer.Backends.Any(backend => backend.SwapsModels) ? 0 : node.Ahead.Measure(offer.Slots);
        if (most + ahead == 0)
        {
            return [];
        }

        bool Holds(LaneKey lane) => node.Models.Holds(offer, lane);
        var leased = await store.LeaseAsync(
            new LeaseRequest(
                node.NodeId, most + ahead, onlyHeld ? lane => offer.Fits(lane) && Holds(lane) : offer.Fits, Holds,
                node.Models.Since)
            {
                Takes = offer.Takes,
            },
            cancellation);
        if (leased.Count > most)
        {
            await KeepAsync(node, [.. leased.Skip(most)]);
            leased = [.. leased.Take(most)];
        }

        return leased;
    }

    private async Task KeepAsync(NodeSession node, IReadOnlyList<LeasedTask> tasks)
    {
        if (node.Ahead.TryKeep(tasks))
        {
            _ = GiveBackUnusedAsync();
        }
        else
        {
            await GiveBackAsync(node, tasks);
        }

        async Task GiveBackUnusedAsync()
        {
            await Task.Delay(node.Ahead.Patience, time);
            node.BeginLeasing();
            try
            {
                await GiveBackAsync(node, node.Ahead.Withdraw(tasks));
            }
            finally
            {
                node.EndLeasing();
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "No task could be leased to {WorkerNode}: {Reason}")]
    private static partial void LogCannotLease(ILogger logger, string workerNode, string reason);

    [LoggerMessage(LogLevel.Error, "{Count} tasks that {WorkerNode} was not given wait for their leases to run out: {Reason}")]
    private static partial void LogNotGivenBack(ILogger logger, int count, string workerNode, string reason);
}
