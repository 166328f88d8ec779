using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>Two schedulers on one Redis: whatever is asked of one holds for both.</summary>
public sealed class ClusterTests
{
    private static readonly Duration Minute = Duration.FromTimeSpan(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task TwoSchedulers_OneNode_BothTellItsSettings()
    {
        await using var cluster = await RunningCluster.StartAsync(schedulers: 2, nodes: 1);
        for (var scheduler = 0; scheduler < 2; scheduler++)
        {
            await cluster.WaitForAsync(status => status.Nodes == 1, scheduler);

            var told = (await cluster.Clients[scheduler].GetSettingsAsync(new SettingsRequest())).Settings;

            Assert.Contains(told, setting => setting is { Service: "worker", Name: "Koubou:Worker:SlotsMax", Node.Length: > 0 });
            Assert.Contains(told, setting => setting is { Service: "scheduler", Name: "Koubou:Queue", Value: "redis" });
        }
    }

    [Fact]
    public async Task TwoSchedulers_OneNode_BothShowItAndItsOutputAndSchedulerDies_NodeGoesOnAtTheOther()
    {
        await using var cluster = await RunningCluster.StartAsync(schedulers: 2, nodes: 1, pieceDelay: "00:00:00.050");
        await cluster.WaitForAsync(status => status.Nodes == 1, scheduler: 1);

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
        var long_ = (await cluster.Clients[1].SubmitAsync(new SubmitRequest { Tasks = { Task("long") } })).Receipts[0].Id;
        await cluster.WaitForAsync(status => status.SlotsBusy > 0, scheduler: 1);
        cluster.Schedulers[0].Kill();
        var done = await cluster.Clients[1].WaitAsync(new WaitRequest { Ids = { id, long_ }, All = true, Timeout = Minute });

        Assert.All(done.Tasks, task => Assert.Equal(TaskState.Succeeded, task.State));
        Assert.All(done.Tasks, task => Assert.Equal(1, task.AttemptsUsed));
        await cluster.WaitForAsync(status => status.Nodes == 1, scheduler: 1);

        // And the other way round.
        cluster.Schedulers[0].Start();
        await cluster.WaitForAsync(status => status.Nodes == 1);
        cluster.Schedulers[1].Kill();
        var last = (await cluster.Clients[0].SubmitAsync(new SubmitRequest { Tasks = { Task("last") } })).Receipts[0].Id;
        var answer = await cluster.Clients[0].WaitAsync(new WaitRequest { Ids = { last }, Timeout = Minute });
        Assert.Equal(TaskState.Succeeded, answer.Tasks[0].State);
    }

    [Fact]
    public async Task TwoSchedulers_OperatorDrainsANodeAtEither_ItTakesNothing()
    {
        await using var cluster = await RunningCluster.StartAsync(schedulers: 2, nodes: 1);
        await cluster.WaitForAsync(status => status.Nodes == 1, scheduler: 1);
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

    private static TaskSpec Task(string prompt) => new() { Prompt = prompt, Type = "general" };
}
