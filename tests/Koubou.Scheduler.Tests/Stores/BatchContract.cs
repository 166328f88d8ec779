using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Stores;

public abstract class BatchContract : EngineContract
{
    [Fact]
    public async Task Batch_TasksMoveOn_CountsFollow()
    {
        await using var queue = await StartAsync();
        foreach (var policy in new[] { DataPolicy.Any, DataPolicy.Private, DataPolicy.Any })
        {
            await queue.EnqueueAsync("x", 5, spec => (spec.BatchId, spec.DataPolicy) = ("night", policy));
        }

        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        var batch = await queue.Store.GetBatchAsync("night", CancellationToken.None);

        Assert.NotNull(batch);
        Assert.Equal((3, 1, 2), (batch.Total, batch.TasksByState["succeeded"], batch.TasksByState["queued"]));
        Assert.Equal(DataPolicy.Private, batch.DataPolicy);
        Assert.Equal("local", batch.Client);
        Assert.Null(batch.FinishedAt);
        Assert.Equal(DataPolicy.Private, await queue.Store.FindBatchPolicyAsync("night", CancellationToken.None));
    }

    [Fact]
    public async Task ListBatches_ManyPages_EachOnceNewestFirst()
    {
        await using var queue = await StartAsync();
        for (var index = 0; index < 5; index++)
        {
            await queue.EnqueueAsync("x", 5, spec => spec.BatchId = $"batch-{index}");
        }

        var seen = new List<string>();
        var request = new ListBatchesRequest { PageSize = 2 };
        do
        {
            var page = await queue.Store.ListBatchesAsync(request, CancellationToken.None);
            seen.AddRange(page.Batches.Select(batch => batch.Id));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(["batch-4", "batch-3", "batch-2", "batch-1", "batch-0"], seen);
    }

    [Fact]
    public async Task Batch_LastTaskDeleted_IsGone()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x", 5, spec => spec.BatchId = "night");
        await queue.CancelAsync(id);
        Assert.NotNull((await queue.Store.GetBatchAsync("night", CancellationToken.None))!.FinishedAt);

        await queue.DeleteAsync(id);

        Assert.Null(await queue.Store.GetBatchAsync("night", CancellationToken.None));
    }

    [Fact]
    public async Task Counts_OfWaitingAndOfClients_FollowTheTasks()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("a", 5);
        await queue.EnqueueAsync("b", 9, spec => (spec.Type, spec.Client) = ("code", "team"));
        await queue.EnqueueAsync("c", 5, spec => spec.Client = "team");
        await queue.RestartAsync();
        Assert.Equal(2, await queue.Store.CountLiveAsync("team", CancellationToken.None));

        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);

        var waiting = await queue.Store.CountWaitingAsync(CancellationToken.None);
        var count = Assert.Single(waiting);
        Assert.Equal(("general", 5, 2), (count.Type, count.Priority, count.Count));
        Assert.Equal(2, count.Queued);
        Assert.Equal(1, await queue.Store.CountLiveAsync("team", CancellationToken.None));
        Assert.Equal(0, await queue.Store.CountLiveAsync("nobody", CancellationToken.None));
    }

    [Fact]
    public async Task Import_WhatWasExported_IsTheSameWorkshop()
    {
        await using var source = await StartAsync();
        var done = await source.EnqueueAsync("done", 5, spec => (spec.BatchId, spec.Labels["team"]) = ("night", "blue"));
        await source.CompleteAsync((await source.MustLeaseAsync()).Lease, "the answer");
        var running = await source.EnqueueAsync("running");
        await source.MustLeaseAsync();
        var blocked = await source.EnqueueAsync("blocked", 5, spec => spec.DependsOn.Add([done, running]));
        var records = new[] { await source.GetAsync(done), await source.GetAsync(running), await source.GetAsync(blocked) };

        await using var target = await StartAsync();
        Assert.Equal(3, await target.Store.ImportAsync(records, CancellationToken.None));
        Assert.Equal(0, await target.Store.ImportAsync(records, CancellationToken.None));
        await target.RestartAsync();

        var record = await target.GetAsync(done);
        Assert.Equal((TaskState.Succeeded, "the answer", "blue"), (record.State, record.Output, record.Spec.Labels["team"]));
        Assert.Equal("node-1", Assert.Single(record.Attempts).Node);
        Assert.Equal([TaskState.Queued, TaskState.Blocked], [await target.StateOfAsync(running), await target.StateOfAsync(blocked)]);
        Assert.Equal([running], (await target.GetAsync(blocked)).WaitingFor);
        Assert.Equal(1, (await target.Store.GetBatchAsync("night", CancellationToken.None))!.Total);
        await target.CompleteAsync((await target.MustLeaseAsync()).Lease);
        await target.ReachesAsync(blocked, TaskState.Queued);
    }

    [Fact]
    public async Task Import_BlockedTaskWhoseDependencyCameFinished_IsReady()
    {
        await using var source = await StartAsync();
        var first = await source.EnqueueAsync("first");
        var second = await source.EnqueueAsync("second", 5, spec => spec.DependsOn.Add(first));
        var blocked = await source.GetAsync(second);
        await source.CompleteAsync((await source.MustLeaseAsync()).Lease);
        var done = await source.GetAsync(first);

        await using var target = await StartAsync();
        Assert.Equal(2, await target.Store.ImportAsync([done, blocked], CancellationToken.None));

        await target.ReachesAsync(second, TaskState.Queued);
    }

    [Fact]
    public async Task Import_ScheduledTaskWithoutItsTime_IsDueAtOnce()
    {
        await using var source = await StartAsync();
        var id = await source.EnqueueAsync("x");
        var record = await source.GetAsync(id);
        record.State = TaskState.Scheduled;

        await using var target = await StartAsync();
        Assert.Equal(1, await target.Store.ImportAsync([record], CancellationToken.None));
        await target.Store.ReleaseDueAsync(10, CancellationToken.None);

        await target.ReachesAsync(id, TaskState.Queued);
    }

    [Fact]
    public async Task List_ByPriority_PagesInOrder()
    {
        await using var queue = await StartAsync();
        foreach (var priority in new[] { 3, 9, 5, 9, 1, 5 })
        {
            await queue.EnqueueAsync($"{priority}", priority);
        }

        var seen = "";
        var request = new ListRequest { PageSize = 2, Order = TaskOrder.Priority };
        do
        {
            var page = await queue.Store.ListAsync(request, CancellationToken.None);
            seen += string.Concat(page.Tasks.Select(task => task.Spec.Prompt));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal("995531", seen);
    }
}
