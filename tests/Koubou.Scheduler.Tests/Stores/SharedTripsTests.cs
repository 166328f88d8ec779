using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Redis;

namespace Koubou.Scheduler.Tests.Stores;

public sealed class SharedTripsTests
{
    private readonly List<int[]> _trips = [];
    private readonly Queue<TaskCompletionSource> _gates = [];

    [Fact]
    public async Task Call_NothingOnTheWay_GoesAtOnce()
    {
        var trips = Trips(itemsMax: 10);

        var answer = trips.CallAsync([1, 2]);
        Arrive();

        Assert.Equal(["1", "2"], await answer);
        Assert.Equal([[1, 2]], _trips);
    }

    [Fact]
    public async Task Calls_WhileTripsAreOnTheWay_ShareTheNext()
    {
        var trips = Trips(itemsMax: 10);
        Task<IReadOnlyList<string>>[] calls =
            [trips.CallAsync([1]), trips.CallAsync([2]), trips.CallAsync([3]), trips.CallAsync([4, 5])];
        Assert.Equal([[1], [2]], _trips);

        Arrive();
        await calls[0];
        await SentAsync(3);
        Arrive();
        Arrive();

        Assert.Equal([["1"], ["2"], ["3"], ["4", "5"]], await Task.WhenAll(calls));
        Assert.Equal([[1], [2], [3, 4, 5]], _trips);
    }

    [Fact]
    public async Task Calls_MoreThanATripTakes_GoInSeveral()
    {
        var trips = Trips(itemsMax: 3);
        Task<IReadOnlyList<string>>[] calls =
        [
            trips.CallAsync([1]), trips.CallAsync([2]), trips.CallAsync([3, 4]), trips.CallAsync([5, 6]),
            trips.CallAsync([7, 8, 9, 10]),
        ];

        for (var sent = 3; sent <= 5; sent++)
        {
            Arrive();
            await SentAsync(sent);
        }

        Arrive();
        Arrive();
        await Task.WhenAll(calls);
        Assert.Equal([[1], [2], [3, 4], [5, 6], [7, 8, 9, 10]], _trips);
    }

    [Fact]
    public async Task Trip_TooManyTogether_AsksForEachCallAlone()
    {
        var trips = new SharedTrips<int, string>(
            items => items.Count > 2
                ? Gated(items, new QueueFullException("full"))
                : Gated(items, error: null),
            itemsMax: 10);
        Task<IReadOnlyList<string>>[] calls =
            [trips.CallAsync([1]), trips.CallAsync([2]), trips.CallAsync([3]), trips.CallAsync([4, 5, 6]), trips.CallAsync([7])];

        Arrive();
        await SentAsync(3);
        Arrive();
        for (var sent = 4; sent <= 6; sent++)
        {
            Arrive();
            await SentAsync(sent);
        }

        Arrive();
        Assert.Equal([[1], [2], [3, 4, 5, 6, 7], [3], [4, 5, 6], [7]], _trips);
        Assert.Equal(["3"], await calls[2]);
        await Assert.ThrowsAsync<QueueFullException>(() => calls[3]);
        Assert.Equal(["7"], await calls[4]);
    }

    [Fact]
    public async Task Trip_Fails_AllItsCallsFail()
    {
        var trips = new SharedTrips<int, string>(
            items => Gated(items, items.Count > 1 ? new StoreUnusableException("away") : null), itemsMax: 10);
        Task<IReadOnlyList<string>>[] calls =
            [trips.CallAsync([1]), trips.CallAsync([2]), trips.CallAsync([3]), trips.CallAsync([4])];

        Arrive();
        await SentAsync(3);
        Arrive();
        Arrive();

        await Assert.ThrowsAsync<StoreUnusableException>(() => calls[2]);
        await Assert.ThrowsAsync<StoreUnusableException>(() => calls[3]);
        var next = trips.CallAsync([5]);
        await SentAsync(4);
        Arrive();
        Assert.Equal(["5"], await next);
    }

    private SharedTrips<int, string> Trips(int itemsMax) => new(items => Gated(items, error: null), itemsMax);

    private async Task<IReadOnlyList<string>> Gated(IReadOnlyList<int> items, Exception? error)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gates)
        {
            _trips.Add([.. items]);
            _gates.Enqueue(gate);
            Monitor.PulseAll(_gates);
        }

        await gate.Task;
        return error is null ? [.. items.Select(item => $"{item}")] : throw error;
    }

    private void Arrive()
    {
        lock (_gates)
        {
            _gates.Dequeue().SetResult();
        }
    }

    private Task SentAsync(int trips) => Task.Run(() =>
    {
        lock (_gates)
        {
            while (_trips.Count < trips)
            {
                Assert.True(Monitor.Wait(_gates, TimeSpan.FromMinutes(1)), $"{_trips.Count} of {trips} trips were sent.");
            }
        }
    });
}
