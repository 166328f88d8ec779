using Koubou.Contracts;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Stores.Sqlite;

namespace Koubou.Scheduler.Tests.Stores;

public sealed class FullDiskTests
{
    private static readonly string Large = new('x', 50_000);
    private static readonly SqliteOptions TwoMegabytes =
        new() { LeaseCommitDelay = TimeSpan.Zero, BytesMax = 2 * 1024 * 1024 };

    [Fact]
    public async Task Enqueue_AboveBytesMax_IsRefusedUntilTasksAreRemoved()
    {
        await using var queue = await QueueHarness.StartAsync(TwoMegabytes);
        var answered = await FillAsync(queue);
        Assert.InRange(answered.Count, 20, 60);

        foreach (var id in answered.Take(10))
        {
            await queue.CancelAsync(id);
            await queue.DeleteAsync(id);
        }

        var later = await queue.EnqueueAsync(Large);
        await queue.RestartAsync();
        foreach (var id in answered.Skip(10).Append(later))
        {
            Assert.Equal(TaskState.Queued, await queue.StateOfAsync(id));
        }
    }

    [Fact]
    public async Task Enqueue_WriteFailsInTheMiddle_KeepsAllThatWasAnsweredAndGoesOn()
    {
        await using var queue = await QueueHarness.StartAsync(TwoMegabytes);
        var before = await queue.EnqueueAsync("before");
        var leased = await queue.MustLeaseAsync();

        // Takes the lease along to the disk: one that is not there yet may be lost with the failed write.
        var other = await queue.EnqueueAsync("other");

        var full = await Assert.ThrowsAsync<StoreUnusableException>(() => queue.Store.EnqueueAsync(
            [.. Enumerable.Range(0, 200).Select(_ => queue.NewTask(Large))], CancellationToken.None));

        Assert.Contains("full", full.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await queue.Store.ListAsync(new ListRequest(), CancellationToken.None)).Total);
        var after = await queue.EnqueueAsync("after");
        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(leased.Lease));
        Assert.Equal(TaskState.Succeeded, await queue.StateOfAsync(before));
        Assert.Equal(TaskState.Queued, await queue.StateOfAsync(other));
        Assert.Equal(TaskState.Queued, await queue.StateOfAsync(after));
        var events = await queue.EventsAsync();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(change => change.Sequence));
    }

    [Fact]
    public async Task Disk_ReallyFull_LosesNothingAnsweredAndGoesOnWhenThereIsRoom()
    {
        using var disk = SmallDisk.Mount(megabytes: 6);
        disk.TakeRoom(2 * 1024 * 1024);
        await using var queue = await QueueHarness.StartAsync(
            new SqliteOptions { LeaseCommitDelay = TimeSpan.Zero }, home: disk.Home);
        var running = await queue.EnqueueAsync("running");
        var leased = await queue.MustLeaseAsync();
        var answered = await FillAsync(queue);

        // Neither a submit nor an answer can be written; the node keeps the answer and brings it again.
        await Assert.ThrowsAsync<StoreUnusableException>(() => queue.CompleteAsync(leased.Lease, Large));
        disk.MakeRoom();
        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(leased.Lease, Large));
        var later = await queue.EnqueueAsync("later");
        await queue.RestartAsync();

        Assert.Equal(TaskState.Succeeded, await queue.StateOfAsync(running));
        Assert.All(answered.Append(later), id => Assert.Equal(TaskState.Queued, queue.StateOfAsync(id).Result));
        var events = await queue.EventsAsync();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(change => change.Sequence));
    }

    private static async Task<List<string>> FillAsync(QueueHarness queue)
    {
        var answered = new List<string>();
        while (true)
        {
            try
            {
                answered.Add(await queue.EnqueueAsync(Large));
            }
            catch (Exception full) when (full is QueueFullException or StoreUnusableException)
            {
                return answered;
            }
        }
    }
}
