using Koubou.Contracts;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>
/// Follows the log of changes, which stands in the record and is written with each change, and does at the broker what a
/// change means there: a task that became ready is published, the claim of one that no longer runs is acknowledged.
/// </summary>
internal sealed class Outbox(
    IEventLog log, Publisher publisher, ClaimDesk claims, IOutboxRole role, TimeSpan confirmTimeout) : IAsyncDisposable
{
    private const int PageSize = 500;

    private readonly CancellationTokenSource _ending = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _position;
    private Task _running = Task.CompletedTask;

    /// <summary>Called when tasks were published.</summary>
    public event Action? Published;

    /// <summary>Called when changes could not be told to the broker: record and broker must be compared.</summary>
    public event Action? FellBehind;

    /// <summary>Begins after what has happened until now.</summary>
    public void Start()
    {
        _position = log.LastSequence;
        _running = RunAsync();
    }

    /// <summary>Waits until all that is in the log now was told, or the time is over.</summary>
    public async Task CatchUpAsync(TimeSpan limit)
    {
        var wanted = log.LastSequence;
        using var over = new CancellationTokenSource(limit, TimeProvider.System);
        while (role.IsMine && !over.IsCancellationRequested)
        {
            var next = Volatile.Read(ref _moved).Task;
            if (Volatile.Read(ref _position) >= wanted)
            {
                return;
            }

            await next.WaitAsync(over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await log.WaitBeyondAsync(_position, _ending.Token);
                await TellAsync(await log.ReadAsync(_position + 1, PageSize, _ending.Token));
            }
            catch (StoreUnusableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, _ending.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task TellAsync(EventPage page)
    {
        if (page.Events.Count == 0)
        {
            return;
        }

        var ready = new List<ReadyTask>();
        foreach (var change in page.Events)
        {
            if (change.State != TaskState.Running)
            {
                claims.Release(change.TaskId);
            }

            // Whoever takes a task in publishes it before the answer.
            if (change.State == TaskState.Queued && change.Kind != EventKind.Submitted)
            {
                ready.Add(new ReadyTask(change.TaskId, change.Type, change.Priority));
            }
        }

        if (ready.Count > 0 && role.IsMine)
        {
            if (await publisher.PublishAsync(ready, confirmTimeout))
            {
                Published?.Invoke();
            }
            else
            {
                FellBehind?.Invoke();
            }
        }

        if (page.Gap)
        {
            FellBehind?.Invoke();
        }

        Volatile.Write(ref _position, page.Events[^1].Sequence);
        Interlocked.Exchange(ref _moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .TrySetResult();
    }
}
