namespace Koubou.Scheduler.Stores.Redis;

/// <summary>
/// Calls that go to the server together: while as many round trips as may be are on their way, later calls gather, and the
/// next trip takes them all. A lone call goes at once; with <c>appendfsync always</c>, those of one trip share an fsync.
/// </summary>
/// <param name="send">Sends the items of one trip; its answers stand in their order.</param>
/// <param name="itemsMax">A trip that has so many takes no further call.</param>
internal sealed class SharedTrips<TItem, TAnswer>(
    Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TAnswer>>> send, int itemsMax)
{
    // While the server works on one, the next is on its way to it.
    private const int TripsMax = 2;

    private readonly Lock _gate = new();
    private readonly Queue<Call> _waiting = [];
    private int _trips;

    /// <summary>Sends the items, all in one trip. Fails as the trip fails.</summary>
    public Task<IReadOnlyList<TAnswer>> CallAsync(IReadOnlyList<TItem> items)
    {
        var call = new Call(items);
        lock (_gate)
        {
            _waiting.Enqueue(call);
            if (_trips == TripsMax)
            {
                return call.Answer.Task;
            }

            _trips++;
        }

        _ = SendAllAsync();
        return call.Answer.Task;
    }

    private async Task SendAllAsync()
    {
        while (TakeNext() is { } calls)
        {
            await SendAsync(calls);
        }
    }

    // The calls of the next trip; null: there are none, and the trips are one fewer.
    private List<Call>? TakeNext()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _trips--;
                return null;
            }

            var calls = new List<Call> { _waiting.Dequeue() };
            var items = calls[0].Items.Count;
            while (_waiting.TryPeek(out var next) && items + next.Items.Count <= itemsMax)
            {
                calls.Add(_waiting.Dequeue());
                items += next.Items.Count;
            }

            return calls;
        }
    }

    private async Task SendAsync(IReadOnlyList<Call> calls)
    {
        try
        {
            var answers = await send(calls.Count == 1 ? calls[0].Items : [.. calls.SelectMany(call => call.Items)]);
            var from = 0;
            foreach (var call in calls)
            {
                call.Answer.SetResult(calls.Count == 1 ? answers : [.. answers.Skip(from).Take(call.Items.Count)]);
                from += call.Items.Count;
            }
        }
        catch (QueueFullException) when (calls.Count > 1)
        {
            // Together they were too many. Each may still have room.
            foreach (var call in calls)
            {
                await SendAsync([call]);
            }
        }
        catch (Exception error)
        {
            foreach (var call in calls)
            {
                call.Answer.SetException(error);
            }
        }
    }

    private sealed class Call(IReadOnlyList<TItem> items)
    {
        public IReadOnlyList<TItem> Items => items;

        public TaskCompletionSource<IReadOnlyList<TAnswer>> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
