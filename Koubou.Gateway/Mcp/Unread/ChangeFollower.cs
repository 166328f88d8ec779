using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Events;

namespace Koubou.Gateway.Mcp.Unread;

/// <summary>Follows the log of changes once for all clients of the MCP server and tells those who listen.</summary>
internal sealed partial class ChangeFollower(
    EventFeed feed, IEnumerable<IChangeListener> listeners, TimeProvider time, ILogger<ChangeFollower> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IChangeListener[] _listeners = [.. listeners];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first batch tells where the watch begins: what changed before it has to be looked up.
        var missed = true;
        await foreach (var batch in feed.ReadAsync(new WatchEventsRequest(), stoppingToken))
        {
            if (missed || batch.Gap)
            {
                missed = false;
                await LookAnewAsync(stoppingToken);
            }

            foreach (var change in batch.Events)
            {
                foreach (var listener in _listeners)
                {
                    listener.Hear(change);
                }
            }
        }
    }

    private async Task LookAnewAsync(CancellationToken stoppingToken)
    {
        foreach (var listener in _listeners)
        {
            while (!await TryLookAnewAsync(listener, stoppingToken))
            {
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    private async Task<bool> TryLookAnewAsync(IChangeListener listener, CancellationToken stoppingToken)
    {
        try
        {
            await listener.LookAnewAsync(stoppingToken);
            return true;
        }
        catch (RpcException error) when (!stoppingToken.IsCancellationRequested)
        {
            LogNotNow(logger, error.StatusCode);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "The scheduler could not be asked which results are unread ({Status}); asked again")]
    private static partial void LogNotNow(ILogger logger, StatusCode status);
}
