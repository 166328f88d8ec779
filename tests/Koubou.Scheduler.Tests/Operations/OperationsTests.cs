using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Tests.Hosting;
using Koubou.ServiceDefaults.Scheduling;
using Koubou.ServiceDefaults.Settings;

namespace Koubou.Scheduler.Tests.Operations;

public sealed class OperationsTests
{
    [Fact]
    public async Task ChangeMatching_CancelBatch_CancelsAllOfItAndNothingElse()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await scheduler.SubmitAsync([.. Enumerable.Range(0, 700).Select(_ => SchedulerHarness.Spec("x", spec => spec.BatchId = "night"))]);
        var other = await scheduler.SubmitAsync("other");

        var reply = await scheduler.Queue.ChangeMatchingAsync(new ChangeMatchingRequest
        {
            Filter = new ListRequest { BatchId = "night" },
            Change = Change.Cancel,
        });

        Assert.Equal((700, 0), (reply.Changed, reply.PassedOver));
        Assert.Equal(TaskState.Queued, (await scheduler.GetAsync(other)).State);
        var batch = await scheduler.Queue.GetBatchAsync(new GetBatchRequest { Id = "night" });
        Assert.Equal(700, batch.TasksByState["cancelled"]);
    }

    [Fact]
    public async Task ChangeMatching_ReplayThenPurge_TakesTheDeadLetterOnly()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        var id = await scheduler.SubmitAsync("x");
        var waiting = await scheduler.SubmitAsync("y");
        await scheduler.Queue.CancelAsync(new ChangeRequest { Ids = { id } });

        var replayed = await scheduler.Queue.ChangeMatchingAsync(
            new ChangeMatchingRequest { Everything = true, Change = Change.Retry });
        Assert.Equal(1, replayed.Changed);
        Assert.Equal(TaskState.Queued, (await scheduler.GetAsync(id)).State);

        await scheduler.Queue.CancelAsync(new ChangeRequest { Ids = { id } });
        var tooYoung = await PurgeAsync(scheduler, DateTimeOffset.UtcNow.AddHours(-1));
        var purged = await PurgeAsync(scheduler, DateTimeOffset.UtcNow.AddHours(1));

        Assert.Equal((0, 1), (tooYoung.Changed, purged.Changed));
        Assert.Equal(TaskState.Queued, (await scheduler.GetAsync(waiting)).State);
    }

    [Fact]
    public async Task ChangeMatching_WithoutCondition_IsRefused()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() => scheduler.Queue.ChangeMatchingAsync(
            new ChangeMatchingRequest { Filter = new ListRequest { PageSize = 5 } }).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("2 faults", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExportImport_BetweenTwoWorkshops_NothingIsLost()
    {
        await using var source = await SchedulerHarness.StartAsync();
        await using (var node = await source.ConnectAsync("node-1"))
        {
            await source.SubmitAsync("done");
            await node.CompleteAsync(await node.TakeAsync(), "the answer");
        }

        await source.SubmitAsync([.. Enumerable.Range(0, 250).Select(index => SchedulerHarness.Spec($"waiting {index}"))]);
        var records = new List<TaskRecord>();
        using (var export = source.Queue.Export(new ExportRequest()))
        {
            await foreach (var record in export.ResponseStream.ReadAllAsync())
            {
                records.Add(record);
            }
        }

        await using var target = await SchedulerHarness.StartAsync();
        Assert.Equal((251, 0), await ImportAsync(target, records));
        Assert.Equal((0, 251), await ImportAsync(target, records));

        Assert.Equal("the answer", (await target.GetAsync(records[0].Id)).Output);
        Assert.Equal(251, (await target.Queue.ListAsync(new ListRequest())).Total);
    }

    [Fact]
    public async Task Import_LooserPolicyThanAllowed_IsRefusedWithItsLine()
    {
        await using var source = await SchedulerHarness.StartAsync("--Queue:Limits:LoosestDataPolicy=Any");
        var record = await source.GetAsync(await source.SubmitAsync("x", spec => spec.DataPolicy = DataPolicy.Any));
        await using var target = await SchedulerHarness.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() => ImportAsync(target, [record]));

        Assert.Contains("line 1 is not finished and has a data policy", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_NothingConnected_NamesWhatMendsIt()
    {
        await using var scheduler = await SchedulerHarness.StartAsync("--Koubou:TaskTypes:legal:AttemptsMax=1");
        var report = await scheduler.Queue.GetHealthAsync(new HealthRequest());
        Assert.Contains(report.Findings, finding => finding is { Code: "no_nodes", Severity: Severity.Error }
            && finding.Remedy.Contains("dotnet run --project Koubou.Worker", StringComparison.Ordinal));

        await using var node = await scheduler.ConnectAsync("node-1", 1, offer =>
        {
            offer.Capabilities.Clear();
            offer.Capabilities.Add("general");
        });
        await scheduler.SubmitAsync("x", spec => spec.Type = "legal");

        report = await scheduler.Queue.GetHealthAsync(new HealthRequest());
        var missing = Assert.Single(report.Findings, finding => finding.Code == "type_without_node");
        Assert.Contains("--capabilities \"legal\"", missing.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_OfTheNodes_SaysWhatEachOneSays()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await using var node = await scheduler.ConnectAsync("node-1", 1, offer =>
        {
            offer.Troubles.Add("Memory runs short: start with fewer (--max-workers 2).");
            offer.Backends[0].Advice = "Codex could not write because of its sandbox.";
            offer.Backends.Add(new Backend { Name = "gpu", Kind = "ollama", Zone = Zone.Local, Detail = "Start it with: ollama serve" });
        });

        var findings = (await scheduler.Queue.GetHealthAsync(new HealthRequest())).Findings
            .Select(finding => (finding.Severity, finding.Code, finding.Message))
            .ToList();

        Assert.Contains((Severity.Error, "backend_unhealthy", "Start it with: ollama serve"), findings);
        Assert.Contains((Severity.Warning, "backend_advice", "Codex could not write because of its sandbox."), findings);
        Assert.Contains(
            (Severity.Warning, "node_trouble", "Worker node 'node-1': Memory runs short: start with fewer (--max-workers 2)."), findings);
    }

    [Fact]
    public async Task Metrics_TaskRuns_CountsItAndItsTokens_AlsoAfterRestart()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        await scheduler.SubmitAsync("x");
        await using (var node = await scheduler.ConnectAsync("node-1"))
        {
            await node.CompleteAsync(await node.TakeAsync(), "y", new AttemptFacts
            {
                Zone = Zone.Local,
                Usage = new TokenUsage { PromptTokens = 10, CompletionTokens = 5 },
            });
        }

        await scheduler.RestartAsync();

        var points = (await scheduler.Queue.GetMetricsAsync(new MetricsRequest())).Points;
        Assert.Equal(
            (1, 1, 1, 15),
            (points.Sum(point => point.Submitted), points.Sum(point => point.Started),
                points.Sum(point => point.Succeeded), points.Sum(point => point.LocalTokens)));
        Assert.Contains(points, point => point.RunMedian > 0);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(90_000)]
    [InlineData(-60)]
    public async Task Metrics_StepThatIsNoWholeMinutes_IsRefused(int seconds)
    {
        await using var scheduler = await SchedulerHarness.StartAsync();

        var error = await Assert.ThrowsAsync<RpcException>(() => scheduler.Queue.GetMetricsAsync(
            new MetricsRequest { Step = new Duration { Seconds = seconds } }).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
    }

    [Fact]
    public async Task Settings_Listed_SecretsAreHidden()
    {
        await using var scheduler = await SchedulerHarness.StartAsync("--Koubou:Scheduler:JoinKey=very-secret-of-tests", "--Queue:Lease:Duration=00:00:42");

        var settings = (await scheduler.Queue.GetSettingsAsync(
            new SettingsRequest(), new Metadata { { JoinKey.Header, "very-secret-of-tests" } }))
            .Settings.ToDictionary(each => each.Name, each => each.Value);

        Assert.Equal("00:00:42", settings["Queue:Lease:Duration"]);
        Assert.Equal("sqlite", settings["Koubou:Queue"]);
        Assert.DoesNotContain("very-secret-of-tests", settings.Values);
        Assert.Contains(Secrets.Hidden, settings.Values);
    }

    [Fact]
    public async Task Settings_OfANodeThatHidesNothingAndKnowsNoBound_AreCoveredAndBounded()
    {
        await using var scheduler = await SchedulerHarness.StartAsync();
        var hello = new Hello { NodeId = "node-1", Machine = "test", ProcessId = 1, Offer = new NodeOffer { Slots = 1, SlotsMax = 1 } };
        hello.Settings.Add(new Setting { Name = "Koubou:Worker:Backends:big:ApiKey", Value = "very-secret-of-tests" });
        hello.Settings.Add(new Setting { Name = "Koubou:Worker:Backends:big:Endpoint", Value = "http://me:very-secret-of-tests@host/" });
        hello.Settings.Add(Enumerable.Range(0, 1_000).Select(number => new Setting
        {
            Name = $"Noise:{number}", Value = new string('x', 5_000), Service = "scheduler", Node = "another",
        }));
        await using var node = await scheduler.ConnectAsync(hello);

        var settings = (await scheduler.Queue.GetSettingsAsync(new SettingsRequest())).Settings.Where(each => each.Node.Length > 0).ToList();

        Assert.Equal(SettingBounds.CountMax, settings.Count);
        Assert.All(settings, each => Assert.Equal(("worker", "node-1"), (each.Service, each.Node)));
        Assert.Equal([Secrets.Hidden, $"http://{Secrets.Hidden}@host/"], settings.Take(2).Select(each => each.Value));
        Assert.All(settings.Skip(2), each => Assert.Equal(SettingBounds.ValueMax, each.Value.Length));
    }

    private static AsyncUnaryCall<ChangeMatchingReply> PurgeAsync(SchedulerHarness scheduler, DateTimeOffset before) =>
        scheduler.Queue.ChangeMatchingAsync(new ChangeMatchingRequest
        {
            Filter = new ListRequest { FinishedBefore = Timestamp.FromDateTimeOffset(before) },
            Change = Change.Delete,
        });

    private static async Task<(long Imported, long PassedOver)> ImportAsync(SchedulerHarness target, List<TaskRecord> records)
    {
        using var import = target.Queue.Import();
        foreach (var record in records)
        {
            await import.RequestStream.WriteAsync(record);
        }

        await import.RequestStream.CompleteAsync();
        var reply = await import;
        return (reply.Imported, reply.PassedOver);
    }
}
