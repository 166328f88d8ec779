using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>Two schedulers on one Redis: whatever is asked of one holds for both. On SQLite there is one.</summary>
public sealed class ClusterTests
{
    private static readonly Duration Minute = Duration.FromTimeSpan(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task TwoSchedulers_OneNode_BothTellItsSettings()
    {
        await using var cluster = await RunningCluster.StartAsync(schedulers: 2, nodes: 1);
        for (var scheduler = 0; scheduler < 2; scheduler++)
        {
            await cluster.KnowsAsync(scheduler, "node-0");

            var told = (await cluster.Clients[scheduler].GetSettingsAsync(new SettingsRequest())).Settings;

            Assert.Contains(told, setting => setting is { Service: "worker", Name: "Koubou:Worker:SlotsMax", Node.Length: > 0 });
            Assert.Contains(told, setting => setting is { Service: "scheduler", Name: "Koubou:Queue", Value: "redis" });
        }
    }

    [Fact]
    public async Task TwoSchedulers_OneNode_BothShowItAndItsOutputAndSchedulerDies_NodeGoesOnAtTheOther()
    {
        await using var cluster = await RunningCluster.StartAsync(schedulers: 2, nodes: 1, pieceDelay: "00:00:00.050");
        await cluster.KnowsAsync(scheduler: 0, "node-0");
        await cluster.KnowsAsync(scheduler: 1, "node-0");
        var (one, other) = cluster.Schedulers[0].HasSaid("Worker node node-0 joined") ? (0, 1) : (1, 0);

        // Whichever the node is connected to, the other one shows what it writes.
        var submitted = await cluster.Clients[0].SubmitAsync(new SubmitRequest { Tasks = { Task("show me") } });
        var id = submitted.Receipts[0].Id;
        foreach (var client in cluster.Clients)
        {
            using var watch = client.WatchOutput(new WatchOutputRequest { Id = id }, deadline: DateTime.UtcNow.AddMinutes(1));
            var written = "";
            while (await watch.ResponseStream.MoveNext(CancellationToken.None) && written.Length == 0)
            {
                written += watch.ResponseStream.Current.Chunk?.Text;
            }

            Assert.NotEmpty(written);
        }

        // The one that holds the node dies; the work goes on, and its answer is recorded under the same lease.
        var long_ = (await cluster.Clients[other].SubmitAsync(new SubmitRequest { Tasks = { Task("long") } })).Receipts[0].Id;
        await cluster.StartedAsync(long_, attempt: 1);
        cluster.Schedulers[one].Kill();
        var done = await cluster.Clients[other].WaitAsync(new WaitRequest { Ids = { id, long_ }, All = true, Timeout = Minute });

        Assert.All(done.Tasks, task => Assert.Equal(TaskState.Succeeded, task.State));
        Assert.All(done.Tasks, task => Assert.Equal(1, task.AttemptsUsed));
        await cluster.Schedulers[other].SaysAsync("Worker node node-0 joined");
        Assert.Equal(1, (await cluster.Clients[other].GetStatusAsync(new StatusRequest())).Nodes);

        // And the other way round.
        cluster.Schedulers[one].Start();
        await cluster.KnowsAsync(one, "node-0");
        Assert.Equal(1, (await cluster.Clients[one].GetStatusAsync(
            new StatusRequest(), new CallOptions().WithWaitForReady())).Nodes);
        cluster.Schedulers[other].Kill();
        var last = (await cluster.Clients[one].SubmitAsync(new SubmitRequest { Tasks = { Task("last") } })).Receipts[0].Id;
        var answer = await cluster.Clients[one].WaitAsync(new WaitRequest { Ids = { last }, Timeout = Minute });
        Assert.Equal(TaskState.Succeeded, answer.Tasks[0].State);
    }

    [Fact]
    public async Task TwoSchedulers_OperatorDrainsANodeAtEither_ItTakesNothing()
    {
        await using var cluster = await RunningCluster.StartAsync(schedulers: 2, nodes: 1);
        await cluster.KnowsAsync(scheduler: 0, "node-0");
        await cluster.KnowsAsync(scheduler: 1, "node-0");
        foreach (var client in cluster.Clients)
        {
            await client.ControlNodeAsync(new ControlNodeRequest { NodeId = "node-0", Drain = true });
        }

        var id = (await cluster.Clients[0].SubmitAsync(new SubmitRequest { Tasks = { Task("waits") } })).Receipts[0].Id;
        var waited = await cluster.Clients[1].WaitAsync(
            new WaitRequest { Ids = { id }, Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
        Assert.Equal(TaskState.Queued, waited.Tasks[0].State);

        await cluster.Clients[1].ControlNodeAsync(new ControlNodeRequest { NodeId = "node-0", Resume = true });
        var done = await cluster.Clients[1].WaitAsync(new WaitRequest { Ids = { id }, Timeout = Minute });
        Assert.Equal(TaskState.Succeeded, done.Tasks[0].State);
    }

    [Fact]
    public async Task TwoSchedulers_WithTlsAndJoinKey_NodeGoesOverWithItsWorkAndDrains()
    {
        await using var cluster = await RunningCluster.StartSecureAsync(schedulers: 2, nodes: 1, pieceDelay: "00:00:00.100");
        await cluster.KnowsAsync(scheduler: 0, "node-0");
        await cluster.KnowsAsync(scheduler: 1, "node-0");
        var holder = cluster.Schedulers[0].HasSaid("Worker node node-0 joined") ? 0 : 1;
        var other = cluster.Clients[1 - holder];
        var id = (await other.SubmitAsync(new SubmitRequest { Tasks = { Task("goes on") } })).Receipts[0].Id;
        await cluster.StartedAsync(id, attempt: 1);

        cluster.Schedulers[holder].Kill();
        await cluster.Schedulers[1 - holder].SaysAsync("Worker node node-0 joined");
        await cluster.Nodes[0].StopAsync();

        var done = (await other.WaitAsync(new WaitRequest { Ids = { id }, Timeout = Minute })).Tasks[0];
        Assert.Equal((TaskState.Succeeded, 1), (done.State, done.AttemptsUsed));
        await cluster.Schedulers[1 - holder].SaysAsync("Worker node node-0 left");
    }

    [Fact]
    public async Task Sqlite_SecondScheduler_IsRefusedAndTheFirstGoesOn()
    {
        await using var cluster = await RunningCluster.StartOnSqliteAsync(nodes: 1);
        var before = (await cluster.Clients[0].SubmitAsync(new SubmitRequest { Tasks = { Task("before") } })).Receipts[0].Id;
        using var second = cluster.SecondOnTheSameHome();

        Assert.Equal(78, await second.RunToItsEndAsync());

        await second.SaysAsync("SQLite serves one scheduler: stop the other, or give this one a home of its own with KOUBOU_HOME.");
        var after = (await cluster.Clients[0].SubmitAsync(new SubmitRequest { Tasks = { Task("after") } })).Receipts[0].Id;
        var done = await cluster.Clients[0].WaitAsync(
            new WaitRequest { Ids = { before, after }, All = true, Timeout = Minute });
        Assert.All(done.Tasks, task => Assert.Equal((TaskState.Succeeded, 1), (task.State, task.AttemptsUsed)));

        // Nor is it owned by anybody once the first is gone.
        cluster.Schedulers[0].Kill();
        cluster.Schedulers[0].Start();
        var kept = await cluster.Clients[0].ListAsync(new ListRequest(), new CallOptions().WithWaitForReady());
        Assert.Equal([after, before], kept.Tasks.Select(task => task.Id));
    }

    private static TaskSpec Task(string prompt) => new() { Prompt = prompt, Type = "general" };
}
