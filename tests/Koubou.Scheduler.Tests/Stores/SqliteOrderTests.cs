using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Tests.Stores;

public sealed class SqliteOrderTests : OrderContract
{
    private protected override StoreEngine CreateEngine() => new SqliteEngine();

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(3_000)]
    public async Task Submits_ThatOvertakeEachOther_KeepPlacesAndOrderOfTheirIds(int each)
    {
        await using var queue = await StartAsync();
        var calls = Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, each).Select(_ => queue.NewTask("x")).ToList()).ToList();
        var ids = calls.SelectMany(call => call).Select(task => task.Id.ToString()).ToList();

        await queue.Store.EnqueueAsync(calls[1], CancellationToken.None);
        await queue.Store.EnqueueAsync(calls[2], CancellationToken.None);
        var overtaken = await queue.Store.EnqueueAsync(calls[0], CancellationToken.None);

        Assert.Equal(Enumerable.Range(1, each).Select(place => (long)place), overtaken.Select(receipt => (long)receipt.QueuePosition));
        Assert.Equal(3 * each, (await queue.GetAsync(ids[^1])).QueuePosition);
        var newest = await queue.EnqueueAsync("newest");
        Assert.Equal((3 * each) + 1, (await queue.GetAsync(newest)).QueuePosition);
        var leased = await queue.Store.LeaseAsync(new LeaseRequest("node-1", 3 * each, _ => true), CancellationToken.None);
        Assert.Equal(ids, leased.Select(task => task.Lease.TaskId));
    }
}
