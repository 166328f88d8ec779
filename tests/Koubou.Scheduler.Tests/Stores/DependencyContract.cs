using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Stores;

public abstract class DependencyContract : EngineContract
{
    [Fact]
    public async Task Blocked_LastDependencySucceeds_IsReady()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        var second = await queue.EnqueueAsync("second");
        var last = await queue.EnqueueAsync("last", 10, spec => spec.DependsOn.Add([first, second]));
        Assert.Equal(TaskState.Blocked, await queue.StateOfAsync(last));
        Assert.Equal([first, second], (await queue.GetAsync(last)).WaitingFor.Order(StringComparer.Ordinal));

        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        Assert.Equal(TaskState.Blocked, await queue.StateOfAsync(last));
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        await queue.ReachesAsync(last, TaskState.Queued);

        Assert.Equal("last", (await queue.MustLeaseAsync()).Spec.Prompt);
    }

    [Fact]
    public async Task Blocked_InOneSubmitInAnyOrder_RunsInTheirOrder()
    {
        await using var queue = await StartAsync();
        var (one, two, three) = (queue.NewTask("one"), queue.NewTask("two"), queue.NewTask("three"));
        one.Spec.DependsOn.Add(two.Id.ToString());
        two.Spec.DependsOn.Add(three.Id.ToString());

        await queue.Store.EnqueueAsync([one, two, three], CancellationToken.None);

        foreach (var next in new[] { three, two, one })
        {
            await queue.ReachesAsync(next.Id.ToString(), TaskState.Queued);
            var leased = await queue.MustLeaseAsync();
            Assert.Equal(next.Spec.Prompt, leased.Spec.Prompt);
            await queue.CompleteAsync(leased.Lease);
        }
    }

    [Fact]
    public async Task Submit_DependencySucceededLongAgo_IsReadyAtOnce()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        await queue.RestartAsync();

        var second = await queue.EnqueueAsync("second", 5, spec => spec.DependsOn.Add(first));

        Assert.Equal(TaskState.Queued, await queue.StateOfAsync(second));
    }

    [Fact]
    public async Task Dependency_Fails_WholeChainFailsWithTheReason()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        var second = await queue.EnqueueAsync("second", 5, spec => spec.DependsOn.Add(first));
        var third = await queue.EnqueueAsync("third", 5, spec => spec.DependsOn.Add(second));

        await queue.FailAsync((await queue.MustLeaseAsync()).Lease, FailureKind.Permanent);

        var record = await queue.GetAsync(third);
        Assert.Equal(TaskState.Failed, record.State);
        Assert.Equal("dependency_failed", record.Error.Code);
        Assert.Contains(second, record.Error.Message, StringComparison.Ordinal);
        Assert.Equal(0, record.AttemptsUsed);
    }

    [Fact]
    public async Task Dependency_ChainOfThousands_FailsWithoutDeepRecursion()
    {
        await using var queue = await StartAsync();
        var tasks = Enumerable.Range(0, 20_000).Select(_ => queue.NewTask("x")).ToList();
        for (var index = 1; index < tasks.Count; index++)
        {
            tasks[index].Spec.DependsOn.Add(tasks[index - 1].Id.ToString());
        }

        await queue.Store.EnqueueAsync(tasks, CancellationToken.None);
        await queue.CancelAsync(tasks[0].Id.ToString());

        var counts = await queue.Store.CountAsync(CancellationToken.None);
        Assert.Equal((1, tasks.Count - 1), (counts[TaskState.Cancelled], counts[TaskState.Failed]));
    }

    [Fact]
    public async Task RunIfDependencyFailed_OneFails_RunsWhenAllAreFinal()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        var second = await queue.EnqueueAsync("second");
        var report = await queue.EnqueueAsync("report", 5, spec =>
        {
            spec.DependsOn.Add([first, second]);
            spec.RunIfDependencyFailed = true;
        });

        await queue.FailAsync((await queue.MustLeaseAsync()).Lease, FailureKind.Permanent);
        Assert.Equal(TaskState.Blocked, await queue.StateOfAsync(report));
        await queue.CancelAsync(second);

        await queue.ReachesAsync(report, TaskState.Queued);
    }

    [Fact]
    public async Task Blocked_Restart_StillWaitsAndStillLearns()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        var second = await queue.EnqueueAsync("second", 5, spec => spec.DependsOn.Add(first));
        await queue.RestartAsync();
        Assert.Equal(TaskState.Blocked, await queue.StateOfAsync(second));

        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);

        await queue.ReachesAsync(second, TaskState.Queued);
    }

    [Fact]
    public async Task Blocked_NotBeforeInTheFuture_IsScheduledWhenFree()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        var later = queue.Clock.GetUtcNow().AddMinutes(5);
        var second = await queue.EnqueueAsync("second", 5, spec =>
        {
            spec.DependsOn.Add(first);
            spec.NotBefore = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(later);
        });

        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        await queue.ReachesAsync(second, TaskState.Scheduled);

        queue.Clock.Advance(TimeSpan.FromMinutes(6));
        await queue.Store.ReleaseDueAsync(10, CancellationToken.None);
        Assert.Equal("second", (await queue.MustLeaseAsync()).Spec.Prompt);
    }

    [Fact]
    public async Task Retry_OfDependencyThenDependant_RunsBoth()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        var second = await queue.EnqueueAsync("second", 5, spec => spec.DependsOn.Add(first));
        await queue.CancelAsync(first);
        Assert.Equal(TaskState.Failed, await queue.StateOfAsync(second));

        await queue.RetryAsync(second);
        Assert.Equal(TaskState.Failed, await queue.StateOfAsync(second));
        await queue.RetryAsync(first);
        await queue.RetryAsync(second);
        Assert.Equal(TaskState.Blocked, await queue.StateOfAsync(second));

        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        await queue.ReachesAsync(second, TaskState.Queued);
    }

    [Fact]
    public async Task Delete_WhatABlockedTaskNeeds_IsRefused()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        var second = await queue.EnqueueAsync("second");
        var last = await queue.EnqueueAsync("last", 5, spec => spec.DependsOn.Add([first, second]));
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);

        Assert.Equal(ChangeOutcome.WrongState, (await queue.DeleteAsync(first)).Outcome);

        await queue.CancelAsync(last);
        Assert.Equal(ChangeOutcome.Changed, (await queue.DeleteAsync(first)).Outcome);
    }

    [Fact]
    public async Task Dependency_KnownByIdempotencyKey_WaitsForTheFirstTask()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first", 5, spec => spec.IdempotencyKey = "once");
        var again = queue.NewTask("again", 5, spec => spec.IdempotencyKey = "once");
        var dependant = queue.NewTask("dependant");
        dependant.Spec.DependsOn.Add(again.Id.ToString());

        await queue.Store.EnqueueAsync([dependant, again], CancellationToken.None);

        Assert.Equal([first], (await queue.GetAsync(dependant.Id.ToString())).Spec.DependsOn);
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        await queue.ReachesAsync(dependant.Id.ToString(), TaskState.Queued);
    }
}
