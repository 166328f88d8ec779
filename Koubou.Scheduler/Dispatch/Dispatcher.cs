using Koubou.Contracts;
using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Telemetry;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Dispatch;

/// <summary>
/// Brings ready tasks to nodes with credit. Nothing polls: a node's credit and a store's new task each start it.
/// </summary>
internal sealed partial class Dispatcher : BackgroundService
{
    private readonly IQueueStore _store;
    private readonly NodeRegistry _nodes;
    private readonly LeaseDesk _desk;
    private readonly DependencyInputs _inputs;
    private readonly SchedulerTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<Dispatcher> _logger;
    private readonly TimeSpan _patience;
    private readonly WakeUp _ready = new();
    private int _firstNode;

    public Dispatcher(
        IQueueStore store,
        NodeRegistry nodes,
        LeaseDesk desk,
        DependencyInputs inputs,
        SchedulerTelemetry telemetry,
        IOptions<LeaseOptions> lease,
        TimeProvider time,
        ILogger<Dispatcher> logger)
    {
        _store = store;
        _nodes = nodes;
        _desk = desk;
        _inputs = inputs;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _patience = lease.Value.HeartbeatInterval * 2.5;
        store.TasksReady += Signal;
        nodes.Controlled += Signal;
    }

    /// <summary>Hands the node as much as it takes. One caller works at a time for a node; others return at once.</summary>
    public ValueTask ServeAsync(NodeSession node, CancellationToken cancellation) =>
        ServeAsync(node, onlyHeld: false, cancellation);

    private async ValueTask ServeAsync(NodeSession node, bool onlyHeld, CancellationToken cancellation)
    {
        if (!node.TryBeginPump())
        {
            return;
        }

        node.BeginLeasing();
        try
        {
            do
            {
                try
                {
                    await AssignAsync(node, onlyHeld, cancellation);
                }
                catch (StoreUnusableException error)
                {
                    LogCannotLease(_logger, node.NodeId, error.Message);
                }
            }
            while (!node.TryEndPump());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            GiveUp(node, error);
        }
        finally
        {
            node.EndLeasing();
        }
    }

    /// <summary>Wakes the dispatcher: tasks became ready, or may fit a changed offer.</summary>
    public void Signal() => _ready.Call();

    public override void Dispose()
    {
        _store.TasksReady -= Signal;
        _nodes.Controlled -= Signal;
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await _ready.WaitAsync(stoppingToken);

            // Nodes take turns at being asked first; before all of them, those that have a model loaded for the task.
            var all = _nodes.All;
            if (all.Count > 1 && all.Any(node => node.Offer.Backends.Any(backend => backend.SwapsModels)))
            {
                await ServeAllAsync(all, onlyHeld: true, stoppingToken);
            }

            await ServeAllAsync(all, onlyHeld: false, stoppingToken);
            _firstNode = all.Count == 0 ? 0 : (_firstNode + 1) % all.Count;
        }
    }

    private async ValueTask ServeAllAsync(IReadOnlyList<NodeSession> all, bool onlyHeld, CancellationToken cancellation)
    {
        for (var turn = 0; turn < all.Count; turn++)
        {
            await ServeAsync(all[(_firstNode + turn) % all.Count], onlyHeld, cancellation);
        }
    }

    private async ValueTask AssignAsync(NodeSession node, bool onlyHeld, CancellationToken cancellation)
    {
        var offer = node.Offer;
        while (node.Credit > 0 && !node.Ended.IsCancellationRequested)
        {
            var now = _time.GetUtcNow();
            if (node.IsSilent(now, _patience))
            {
                return;
            }

            var leased = await _desk.TakeAsync(node, offer, onlyHeld, cancellation);
            if (leased.Count == 0)
            {
                return;
            }

            node.Models.Note(offer, leased, now);
            leased = await AddInputsAsync(node, leased, cancellation);
            if (cancellation.IsCancellationRequested || !node.TryAssign(leased, now))
            {
                // The node left between the lease and its assignment, or this scheduler stops.
                await _desk.GiveBackAsync(node, leased);
                return;
            }

            _telemetry.Leased(leased, node.NodeId, now);
            if (node.Ahead.TryBeginFilling())
            {
                _ = FillAsync(node);
            }
        }
    }

    private async ValueTask<IReadOnlyList<LeasedTask>> AddInputsAsync(
        NodeSession node, IReadOnlyList<LeasedTask> leased, CancellationToken cancellation)
    {
        try
        {
            return await _inputs.FillAsync(leased, cancellation);
        }
        catch
        {
            await _desk.GiveBackAsync(node, leased);
            throw;
        }
    }

    private async Task FillAsync(NodeSession node)
    {
        node.BeginLeasing();
        try
        {
            await _desk.FillAsync(node);
            await ServeAsync(node, CancellationToken.None);
        }
        catch (Exception error)
        {
            // Nobody waits for this.
            GiveUp(node, error);
        }
        finally
        {
            node.EndLeasing();
        }
    }

    // One node's fault is not the others'. It comes back on a new stream, with all that it holds.
    private void GiveUp(NodeSession node, Exception error)
    {
        LogCannotServe(_logger, error, node.NodeId);
        node.Ended.Cancel();
    }

    [LoggerMessage(LogLevel.Error, "Worker node {WorkerNode} could not be served; its stream is ended")]
    private static partial void LogCannotServe(ILogger logger, Exception error, string workerNode);

    [LoggerMessage(LogLevel.Error, "No task could be leased to {WorkerNode}: {Reason}")]
    private static partial void LogCannotLease(ILogger logger, string workerNode, string reason);
}
