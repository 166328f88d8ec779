using System.Collections.Concurrent;
using System.Threading.Channels;
using Koubou.Contracts;
using Koubou.Gateway.Mcp.Unread;

namespace Koubou.Gateway.Mcp.Subscriptions;

/// <summary>
/// Everyone who wants to hear of changes. A client that reads slowly holds up nobody: changes of one resource that it has
/// not been told yet are told once.
/// </summary>
internal sealed partial class ResourceWatches(ILogger<ResourceWatches> logger) : BackgroundService, IChangeListener
{
    /// <summary>What one client may watch at a time.</summary>
    public const int WatchesMax = 1_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<ResourceWatch> _watches = [];
    private readonly ConcurrentDictionary<ResourceWatch, bool> _due = new();
    private readonly Channel<ResourceWatch> _queue = Channel.CreateUnbounded<ResourceWatch>();

    /// <summary>False: the client watches as much as it may already.</summary>
    public bool TryAdd(ResourceWatch watch)
    {
        lock (_lock)
        {
            _watches.RemoveAll(known => known.Owner == watch.Owner && known.Uri == watch.Uri);
            if (_watches.Count(known => known.Owner == watch.Owner) >= WatchesMax)
            {
                return false;
            }

            _watches.Add(watch);
            return true;
        }
    }

    public void Remove(object owner, string uri) => RemoveAll(watch => watch.Owner.Equals(owner) && watch.Uri == uri);

    public void RemoveAll(object owner) => RemoveAll(watch => watch.Owner.Equals(owner));

    public void Hear(TaskEvent change) => Announce(watch => watch.TaskId is null || watch.TaskId == change.TaskId);

    public Task LookAnewAsync(CancellationToken cancellationToken)
    {
        Announce(_ => true);
        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var watch in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            _due.TryRemove(watch, out _);
            await TellAsync(watch, stoppingToken);
        }
    }

    private void RemoveAll(Predicate<ResourceWatch> which)
    {
        lock (_lock)
        {
            _watches.RemoveAll(which);
        }
    }

    // The queue is bounded by what is due: each watch stands in it at most once.
    private void Announce(Func<ResourceWatch, bool> concerns)
    {
        lock (_lock)
        {
            foreach (var watch in _watches.Where(watch => concerns(watch) && _due.TryAdd(watch, true)))
            {
                _queue.Writer.TryWrite(watch);
            }
        }
    }

    private async Task TellAsync(ResourceWatch watch, CancellationToken stoppingToken)
    {
        try
        {
            await watch.Tell(watch.Uri).WaitAsync(Patience, stoppingToken);
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            // The client left without a goodbye, or reads nothing: it has to subscribe anew.
            RemoveAll(watch.Owner);
            LogGone(logger, watch.Uri, error.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "A client no longer takes notifications of {Uri}: {Message}")]
    private static partial void LogGone(ILogger logger, string uri, string message);
}
