using Koubou.Contracts;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Events;

/// <summary>Reads the event log as it grows and tells this scheduler's own listeners.</summary>
internal sealed class EventFollower(IQueueStore store, IEnumerable<IEventListener> listeners) : BackgroundService
{
    private const int PageMax = 1_024;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    private readonly IEventListener[] _listeners = [.. listeners];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        var seen = store.Events.LastSequence;
        while (!stoppingToken.IsCancellationRequested)
        {
            await store.Events.WaitBeyondAsync(seen, stoppingToken);
            EventPage page;
            try
            {
                page = await store.Events.ReadAsync(seen + 1, PageMax, stoppingToken);
            }
            catch (StoreUnusableException)
            {
                // A shared log may be away for a while. The listeners wait; none is told a hole.
                await Task.Delay(RetryPause, stoppingToken);
                continue;
            }

            foreach (var change in page.Events)
            {
                foreach (var listener in _listeners)
                {
                    listener.Hear(change);
                }

                seen = change.Sequence;
            }
        }
    }
}

/// <summary>Somebody in this scheduler who acts on events. Must return at once.</summary>
internal interface IEventListener
{
    void Hear(TaskEvent change);
}
