using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>
/// Follows the log of changes at whichever scheduler is there, from the first number to the newest, each number once.
/// </summary>
internal sealed class EventTail : IAsyncDisposable
{
    private readonly RunningCluster _cluster;
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();
    private readonly List<TaskEvent> _events = [];
    private readonly Task _following;
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public EventTail(RunningCluster cluster)
    {
        _cluster = cluster;
        _following = FollowAsync();
    }

    /// <summary>What was told so far.</summary>
    public IReadOnlyList<TaskEvent> Seen
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _events.Count;
            }
        }
    }

    /// <summary>Waits until so many changes were told.</summary>
    public async Task ReachesAsync(int count, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        while (true)
        {
            var grown = Grown(count, _ => true, out var there);
            if (there)
            {
                return;
            }

            await AwaitAsync(grown, cancellation);
        }
    }

    /// <summary>Waits for a change like this among those from a place on.</summary>
    public async Task SeesAsync(int from, Func<TaskEvent, bool> looksLike, CancellationToken cancellation)
    {
        while (true)
        {
            var grown = Grown(from + 1, looksLike, out var there);
            if (there)
            {
                return;
            }

            await AwaitAsync(grown, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _following;
        _over.Dispose();
    }

    private Task Grown(int count, Func<TaskEvent, bool> looksLike, out bool there)
    {
        lock (_gate)
        {
            there = _events.Count >= count && _events.Skip(count - 1).Any(looksLike);
            return _grown.Task;
        }
    }

    // What broke the following breaks those who wait for it.
    private async Task AwaitAsync(Task grown, CancellationToken cancellation)
    {
        await Task.WhenAny(grown, _following).WaitAsync(cancellation);
        if (_following.IsCompleted)
        {
            await _following;
        }
    }

    private async Task FollowAsync()
    {
        for (var turn = 0; !_over.IsCancellationRequested; turn++)
        {
            Task sign = Task.WhenAny(_cluster.Schedulers.Select(scheduler => scheduler.NextLine));
            try
            {
                await FollowAsync(_cluster.Clients[turn % _cluster.Clients.Count]);
            }
            catch (RpcException error) when (error.StatusCode is StatusCode.Cancelled or StatusCode.Internal)
            {
                // It broke off; the next one waits until a scheduler listens.
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.Unavailable)
            {
                await sign.WaitAsync(_over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(TaskQueue.TaskQueueClient client)
    {
        using var watch = client.WatchEvents(
            new WatchEventsRequest { FromSequence = Count + 1 },
            new CallOptions(cancellationToken: _over.Token).WithWaitForReady());
        while (await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            Assert.False(watch.ResponseStream.Current.Gap);
            TaskCompletionSource told;
            lock (_gate)
            {
                foreach (var change in watch.ResponseStream.Current.Events)
                {
                    Assert.Equal(_events.Count + 1, change.Sequence);
                    _events.Add(change);
                }

                told = _grown;
                _grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            told.TrySetResult();
        }
    }
}
