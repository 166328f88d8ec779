using Koubou.Contracts;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>What every engine promises. Each runs all of it against its real server; none may pass a test over.</summary>
public abstract class QueueContract : EngineContract
{
    private static readonly string NeverIssued = "0193a5f2-7c1e-7003-9d54-6f8e2b1a0c77";

    [Fact]
    public async Task Enqueue_Answered_IsOnDiskAfterRestart()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("summarise", 8, spec => spec.Labels["team"] = "blue");

        await queue.RestartAsync();

        var record = await queue.GetAsync(id);
        Assert.Equal(TaskState.Queued, record.State);
        Assert.Equal("summarise", record.Spec.Prompt);
        Assert.Equal(8, record.Spec.Priority);
        Assert.Equal("blue", record.Spec.Labels["team"]);
        Assert.Equal(1, record.QueuePosition);
    }

    [Fact]
    public async Task Lease_SeveralPriorities_HighestFirstThenOldest()
    {
        await using var queue = await StartAsync();
        foreach (var (prompt, priority) in new[] { ("a", 5), ("b", 9), ("c", 1), ("d", 9), ("e", 5) })
        {
            await queue.EnqueueAsync(prompt, priority);
        }

        var order = "";
        while (await queue.LeaseAsync() is { } leased)
        {
            order += leased.Spec.Prompt;
        }

        Assert.Equal("bdaec", order);
    }

    [Fact]
    public async Task Lease_AfterRestart_SpecIsReadFromDisk()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("long ago", 5, spec => spec.SystemPrompt = "be brief");

        await queue.RestartAsync();

        var leased = await queue.MustLeaseAsync();
        Assert.Equal("long ago", leased.Spec.Prompt);
        Assert.Equal("be brief", leased.Spec.SystemPrompt);
    }

    [Fact]
    public async Task Lease_NodeDoesNotFit_TaskWaits()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("x", 5, spec => spec.Type = "code");

        var leased = await queue.Store.LeaseAsync(
            new LeaseRequest("n", 1, lane => lane.Type == "general"), CancellationToken.None);

        Assert.Empty(leased);
    }

    [Fact]
    public async Task Complete_WithLease_RecordsWhoAnswered()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        var leased = await queue.MustLeaseAsync("node-7");

        var outcome = await queue.Store.SettleAsync(
            [
                new CompletedSettlement(
                    leased.Lease,
                    new Completed
                    {
                        Output = "the answer — 答え",
                        Facts = new AttemptFacts
                        {
                            Backend = "ollama",
                            Model = "gemma2:2b",
                            Slot = 3,
                            Usage = new TokenUsage { PromptTokens = 7, CompletionTokens = 9 },
                        },
                    }),
            ],
            CancellationToken.None);

        Assert.Equal([ReportOutcome.Accepted], outcome);
        var record = await queue.GetAsync(id);
        Assert.Equal(TaskState.Succeeded, record.State);
        Assert.Equal("the answer — 答え", record.Output);
        var attempt = Assert.Single(record.Attempts);
        Assert.Equal(("node-7", "ollama", "gemma2:2b", 3), (attempt.Node, attempt.Backend, attempt.Model, attempt.Slot));
        Assert.Equal(9, attempt.Usage.CompletionTokens);
        Assert.Equal(AttemptOutcome.Succeeded, attempt.Outcome);
    }

    [Fact]
    public async Task Complete_Twice_SecondIsAlreadyRecorded()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        var leased = await queue.MustLeaseAsync();
        await queue.CompleteAsync(leased.Lease, "first");

        var again = await queue.CompleteAsync(leased.Lease, "second");

        Assert.Equal(ReportOutcome.AlreadyRecorded, again);
        Assert.Equal("first", (await queue.GetAsync(id)).Output);
    }

    [Fact]
    public async Task Complete_LeaseOfAnEarlierAttempt_IsRefused()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        var first = await queue.MustLeaseAsync("slow");
        await queue.LoseAsync(first.Lease);
        var second = await queue.MustLeaseAsync("fast");

        Assert.Equal(ReportOutcome.LeaseLost, await queue.CompleteAsync(first.Lease, "late"));
        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(second.Lease, "in time"));

        var record = await queue.GetAsync(id);
        Assert.Equal("in time", record.Output);
        Assert.Equal(2, record.AttemptsUsed);
    }

    [Fact]
    public async Task Lease_WithoutHeartbeat_ReturnsTaskToQueue()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        var leased = await queue.MustLeaseAsync();

        queue.Clock.Advance(queue.Lease.Duration);
        var reaped = await queue.Store.ReapLeasesAsync(100, CancellationToken.None);

        Assert.Equal(1, reaped);
        Assert.Equal(TaskState.Queued, await queue.StateOfAsync(id));
        Assert.Equal(ReportOutcome.LeaseLost, await queue.CompleteAsync(leased.Lease));
    }

    [Fact]
    public async Task Lease_Renewed_OutlivesItsFirstDuration()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("a task longer than its lease");
        var leased = await queue.MustLeaseAsync();

        for (var beat = 0; beat < 10; beat++)
        {
            queue.Clock.Advance(queue.Lease.HeartbeatInterval);
            Assert.Empty(await queue.Store.RenewAsync([leased.Lease], CancellationToken.None));
            Assert.Equal(0, await queue.Store.ReapLeasesAsync(100, CancellationToken.None));
        }

        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(leased.Lease));
        Assert.Equal(1, (await queue.GetAsync(id)).AttemptsUsed);
    }

    [Fact]
    public async Task Renew_LeaseOfAnEarlierAttempt_IsNamedAndKeepsNothingAlive()
    {
        await using var queue = await StartAsync();
        await queue.EnqueueAsync("x");
        var first = await queue.MustLeaseAsync("slow");
        await queue.LoseAsync(first.Lease);
        await queue.MustLeaseAsync("fast");

        queue.Clock.Advance(queue.Lease.HeartbeatInterval);
        Assert.Equal([first.Lease], await queue.Store.RenewAsync([first.Lease], CancellationToken.None));

        queue.Clock.Advance(queue.Lease.Duration - queue.Lease.HeartbeatInterval);
        Assert.Equal(1, await queue.Store.ReapLeasesAsync(100, CancellationToken.None));
    }

    [Fact]
    public async Task Reap_AfterComplete_DoesNotTouchTheRecord()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);

        queue.Clock.Advance(queue.Lease.Duration * 2);
        Assert.Equal(0, await queue.Store.ReapLeasesAsync(100, CancellationToken.None));

        Assert.Equal(TaskState.Succeeded, await queue.StateOfAsync(id));
    }

    [Fact]
    public async Task Fail_Transient_RetriesAfterBackoffThenDeadLetter()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var leased = await queue.MustLeaseAsync();
            Assert.Equal(attempt, leased.Attempt);
            await queue.FailAsync(leased.Lease);
            if (attempt < 3)
            {
                Assert.Equal(TaskState.Scheduled, await queue.StateOfAsync(id));
                Assert.Null(await queue.LeaseAsync());
                queue.Clock.Advance(TimeSpan.FromSeconds(attempt));
                Assert.Equal(1, await queue.Store.ReleaseDueAsync(100, CancellationToken.None));
            }
        }

        var record = await queue.GetAsync(id);
        Assert.Equal(TaskState.Failed, record.State);
        Assert.Equal("It broke.", record.Error.Message);
        Assert.Equal(3, record.Attempts.Count);
    }

    [Fact]
    public async Task Fail_Permanent_GoesToTheDeadLetterAtOnce()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");

        await queue.FailAsync((await queue.MustLeaseAsync()).Lease, FailureKind.Permanent);

        Assert.Equal(TaskState.Failed, await queue.StateOfAsync(id));
    }

    [Fact]
    public async Task Lose_EveryTime_EndsInTheDeadLetter()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("kills its worker");

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await queue.LoseAsync((await queue.MustLeaseAsync()).Lease);
        }

        Assert.Equal(TaskState.Failed, await queue.StateOfAsync(id));
        Assert.Null(await queue.LeaseAsync());
    }

    [Fact]
    public async Task GiveBack_ManyTimes_CountsNoAttemptAndKeepsHistoryShort()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");

        for (var time = 0; time < 20; time++)
        {
            var leased = await queue.MustLeaseAsync();
            Assert.Equal(1, leased.Attempt);
            await queue.GiveBackAsync(leased.Lease);
        }

        var record = await queue.GetAsync(id);
        Assert.Equal(TaskState.Queued, record.State);
        Assert.Equal(0, record.AttemptsUsed);
        Assert.Single(record.Attempts);
    }

    [Fact]
    public async Task Cancel_RunningTask_LateAnswerIsRefused()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        var leased = await queue.MustLeaseAsync();

        Assert.Equal(ChangeOutcome.Changed, (await queue.CancelAsync(id)).Outcome);

        Assert.Equal(ReportOutcome.LeaseLost, await queue.CompleteAsync(leased.Lease));
        Assert.Equal(TaskState.Cancelled, await queue.StateOfAsync(id));
        Assert.Null(await queue.LeaseAsync());
    }

    [Fact]
    public async Task Cancel_QueuedTask_IsNeverLeased()
    {
        await using var queue = await StartAsync();
        var first = await queue.EnqueueAsync("first");
        await queue.EnqueueAsync("second");

        await queue.CancelAsync(first);

        Assert.Equal("second", (await queue.MustLeaseAsync()).Spec.Prompt);
    }

    [Fact]
    public async Task Change_UnknownOrFinished_SaysWhich()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);

        Assert.Equal(ChangeOutcome.UnknownId, (await queue.CancelAsync(NeverIssued)).Outcome);
        Assert.Equal(ChangeOutcome.UnknownId, (await queue.CancelAsync("not an id")).Outcome);
        Assert.Equal(ChangeOutcome.UnknownId, (await queue.RetryAsync(NeverIssued)).Outcome);
        var cancel = await queue.CancelAsync(id);
        Assert.Equal((ChangeOutcome.WrongState, TaskState.Succeeded), (cancel.Outcome, cancel.State));
        Assert.Equal(ChangeOutcome.WrongState, (await queue.RetryAsync(id)).Outcome);
    }

    [Fact]
    public async Task Retry_DeadLetter_GetsFreshAttempts()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        await queue.FailAsync((await queue.MustLeaseAsync()).Lease, FailureKind.Permanent);

        Assert.Equal(ChangeOutcome.Changed, (await queue.RetryAsync(id)).Outcome);
        var leased = await queue.MustLeaseAsync();
        await queue.CompleteAsync(leased.Lease);

        var record = await queue.GetAsync(id);
        Assert.Equal(TaskState.Succeeded, record.State);
        Assert.Equal(1, record.AttemptsUsed);
        Assert.Equal([1, 2], record.Attempts.Select(attempt => attempt.Number));
    }

    [Fact]
    public async Task Delete_FinishedTask_LeavesNothing()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x", 5, spec => spec.Labels["a"] = "b");
        Assert.Equal(ChangeOutcome.WrongState, (await queue.DeleteAsync(id)).Outcome);
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);

        Assert.Equal(ChangeOutcome.Changed, (await queue.DeleteAsync(id)).Outcome);

        Assert.Null(await queue.Store.GetAsync(id, false, CancellationToken.None));
        Assert.Equal(0, (await queue.Store.CountAsync(CancellationToken.None))[TaskState.Succeeded]);
        Assert.Equal(EventKind.Deleted, (await queue.EventsAsync())[^1].Kind);
    }

    [Fact]
    public async Task Enqueue_KnownIdempotencyKey_AnswersWithTheFirstTask()
    {
        await using var queue = await StartAsync();
        var receipts = await queue.Store.EnqueueAsync(
            [
                queue.NewTask("a", change: spec => spec.IdempotencyKey = "k"),
                queue.NewTask("b", change: spec => spec.IdempotencyKey = "k"),
                queue.NewTask("c", change: spec => (spec.IdempotencyKey, spec.Client) = ("k", "other")),
            ],
            CancellationToken.None);
        await queue.RestartAsync();

        var later = await queue.EnqueueAsync("d", 5, spec => spec.IdempotencyKey = "k");

        Assert.Equal(receipts[0].Id, receipts[1].Id);
        Assert.True(receipts[1].Duplicate);
        Assert.NotEqual(receipts[0].Id, receipts[2].Id);
        Assert.Equal(receipts[0].Id, later);
        Assert.Equal(2, (await queue.Store.CountAsync(CancellationToken.None))[TaskState.Queued]);
    }

    [Fact]
    public async Task Enqueue_NotBefore_WaitsForItsTime()
    {
        await using var queue = await StartAsync();
        var due = queue.Clock.GetUtcNow().AddMinutes(5);
        var id = await queue.EnqueueAsync(
            "later", 5, spec => spec.NotBefore = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(due));

        Assert.Equal(TaskState.Scheduled, await queue.StateOfAsync(id));
        await queue.RestartAsync();
        Assert.Null(await queue.LeaseAsync());
        queue.Clock.Advance(TimeSpan.FromMinutes(5));
        await queue.Store.ReleaseDueAsync(100, CancellationToken.None);

        Assert.NotNull(await queue.LeaseAsync());
    }

    [Fact]
    public async Task Deadline_Passed_ExpiresWaitingAndRunningTasks()
    {
        await using var queue = await StartAsync();
        var deadline = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(queue.Clock.GetUtcNow().AddMinutes(1));
        var running = await queue.EnqueueAsync("a", 9, spec => spec.Deadline = deadline);
        var waiting = await queue.EnqueueAsync("b", 5, spec => spec.Deadline = deadline);
        var leased = await queue.MustLeaseAsync();

        queue.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, await queue.Store.ExpireAsync(100, CancellationToken.None));

        Assert.Equal(TaskState.Expired, await queue.StateOfAsync(running));
        Assert.Equal(TaskState.Expired, await queue.StateOfAsync(waiting));
        Assert.Equal(ReportOutcome.LeaseLost, await queue.CompleteAsync(leased.Lease));
    }

    [Fact]
    public async Task Restart_RunningTask_KeepsItsLeaseForTheTimeOfOne()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        var leased = await queue.MustLeaseAsync();
        await queue.RestartAsync();

        Assert.Equal([leased.Lease], await queue.Store.ListLeasesAsync("node-1", CancellationToken.None));
        Assert.Equal(ReportOutcome.Accepted, await queue.CompleteAsync(leased.Lease));
        Assert.Equal(TaskState.Succeeded, await queue.StateOfAsync(id));
    }

    [Fact]
    public async Task Events_OfALife_AreNumberedInOrderAndSurviveRestart()
    {
        await using var queue = await StartAsync();
        var id = await queue.EnqueueAsync("x");
        await queue.FailAsync((await queue.MustLeaseAsync()).Lease);
        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        await queue.Store.ReleaseDueAsync(100, CancellationToken.None);
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        await queue.RestartAsync();

        var events = await queue.EventsAsync();

        Assert.Equal(
            [
                EventKind.Submitted, EventKind.Started, EventKind.RetryScheduled, EventKind.Requeued,
                EventKind.Started, EventKind.Succeeded,
            ],
            events.Select(change => change.Kind));
        Assert.Equal(Enumerable.Range(1, 6).Select(number => (long)number), events.Select(change => change.Sequence));
        Assert.Equal(6, (await queue.GetAsync(id)).LastEvent);
        Assert.Equal(6, queue.Store.Events.LastSequence);
    }

    [Fact]
    public async Task Events_OfSmallAndLargeSteps_AreReadInPagesWithoutAHole()
    {
        await using var queue = await StartAsync();
        foreach (var size in (int[])[1, 700, 1, 1, 700, 1])
        {
            await queue.Store.EnqueueAsync([.. Enumerable.Range(0, size).Select(_ => queue.NewTask("x"))], CancellationToken.None);
        }

        await queue.RestartAsync();

        var read = new List<long>();
        while (read.Count < 1_404)
        {
            var page = await queue.Store.Events.ReadAsync(read.Count + 1, 300, CancellationToken.None);
            Assert.Equal((false, Math.Min(300, 1_404 - read.Count)), (page.Gap, page.Events.Count));
            read.AddRange(page.Events.Select(change => change.Sequence));
        }

        Assert.Equal(Enumerable.Range(1, 1_404).Select(number => (long)number), read);
    }

    [Fact]
    public async Task Purge_OldTasks_RemovesThemAndTheirEvents()
    {
        await using var queue = await StartAsync();
        var old = await queue.EnqueueAsync("old");
        await queue.CompleteAsync((await queue.MustLeaseAsync()).Lease);
        queue.Clock.Advance(TimeSpan.FromDays(2));
        var young = await queue.EnqueueAsync("young");

        var purged = await queue.Store.PurgeAsync(queue.Clock.GetUtcNow().AddDays(-1), 100, CancellationToken.None);

        Assert.Equal(1, purged);
        Assert.Null(await queue.Store.GetAsync(old, false, CancellationToken.None));
        Assert.Equal(TaskState.Queued, await queue.StateOfAsync(young));
        await queue.RestartAsync();
        var page = await queue.Store.Events.ReadAsync(1, 100, CancellationToken.None);
        Assert.True(page.Gap);
    }

    [Fact]
    public async Task List_FiltersAndPages_ShowEachTaskOnce()
    {
        await using var queue = await StartAsync();
        for (var number = 0; number < 25; number++)
        {
            await queue.EnqueueAsync($"100% of part_{number}", 5, spec =>
            {
                spec.Type = number % 2 == 0 ? "code" : "general";
                spec.BatchId = number < 20 ? "night" : "";
                spec.Labels["n"] = $"{number % 5}";
                spec.Labels["half"] = number % 2 == 0 ? "even" : "odd";
            });
        }

        var seen = new List<string>();
        var request = new ListRequest { Types_ = { "code" }, BatchId = "night", PageSize = 3 };
        do
        {
            var page = await queue.Store.ListAsync(request, CancellationToken.None);
            Assert.Equal(10, page.Total);
            seen.AddRange(page.Tasks.Select(task => task.Id));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(10, seen.Distinct().Count());
        Assert.Equal(seen.OrderDescending(StringComparer.Ordinal), seen);
        var byLabel = await queue.Store.ListAsync(
            new ListRequest { Labels = { ["n"] = "3" }, Text = "% OF PART_1" }, CancellationToken.None);
        Assert.Equal(2, byLabel.Total);
        var byLabels = await queue.Store.ListAsync(
            new ListRequest { Labels = { ["n"] = "3", ["half"] = "odd" } }, CancellationToken.None);
        Assert.Equal(3, byLabels.Total);
    }

    [Fact]
    public async Task List_SkipAndTotalMax_ReachAnyRowAndCountAsFarAsAsked()
    {
        await using var queue = await StartAsync();
        var ids = new List<string>();
        for (var number = 0; number < 12; number++)
        {
            ids.Add((await queue.EnqueueAsync($"part {number}")).ToString());
        }

        var page = await queue.Store.ListAsync(
            new ListRequest { OldestFirst = true, Skip = 7, PageSize = 3, TotalMax = 9 }, CancellationToken.None);

        Assert.Equal(ids[7..10], page.Tasks.Select(task => task.Id));
        Assert.Equal(9, page.Total);
        Assert.NotEqual("", page.NextPageToken);
        Assert.Empty((await queue.Store.ListAsync(new ListRequest { Skip = 12 }, CancellationToken.None)).Tasks);
    }

    [Fact]
    public async Task Enqueue_QueueFull_IsRefusedAndKeepsNothing()
    {
        await using var queue = await StartAsync(limits: new SubmitLimits { LiveTasksMax = 2 });
        await queue.EnqueueAsync("a");

        await Assert.ThrowsAsync<QueueFullException>(() => queue.Store.EnqueueAsync(
            [queue.NewTask("b"), queue.NewTask("c")], CancellationToken.None));

        Assert.Equal(1, (await queue.Store.ListAsync(new ListRequest(), CancellationToken.None)).Total);
        await queue.EnqueueAsync("d");
    }

    [Fact]
    public async Task Enqueue_FromManyThreads_AllAreKeptOnce()
    {
        await using var queue = await StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(thread => Task.Run(async () =>
        {
            for (var number = 0; number < 50; number++)
            {
                await queue.EnqueueAsync($"{thread}-{number}");
            }
        })));
        await queue.RestartAsync();

        var prompts = new HashSet<string>(StringComparer.Ordinal);
        while (await queue.LeaseAsync() is { } leased)
        {
            Assert.True(prompts.Add(leased.Spec.Prompt));
        }

        Assert.Equal(800, prompts.Count);
    }
}
