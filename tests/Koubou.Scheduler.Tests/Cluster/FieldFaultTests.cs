using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>What breaks in the field, with real processes: work goes on by itself, once, or ends where a person sees it.</summary>
public sealed class FieldFaultTests
{
    private static readonly Duration Minutes = Duration.FromTimeSpan(TimeSpan.FromMinutes(2));
    private static readonly Duration Seconds = Duration.FromTimeSpan(TimeSpan.FromSeconds(20));

    [Fact]
    public async Task Consumption_AfterEveryKindOfBreak_ResumesByItself()
    {
        await using var cluster = await RunningCluster.StartAsync(schedulers: 1, nodes: 1);
        foreach (var (kind, strike) in Breaks(cluster))
        {
            await strike();

            var done = await RunAsync(cluster, kind);
            Assert.True(done.State == TaskState.Succeeded, $"After {kind}: {done.State}\n{cluster.Describe()}");
        }
    }

    [Fact]
    public async Task Process_KilledAtEachAttempt_TaskEndsInTheDeadLetter()
    {
        await using var cluster = await RunningCluster.StartOnSqliteAsync(nodes: 1, pieceDelay: "00:00:10");
        var poison = new TaskSpec { Type = "general", Prompt = "kills its process", AttemptsMax = 3 };
        var id = (await cluster.Clients[0].SubmitAsync(new SubmitRequest { Tasks = { poison } })).Receipts[0].Id;

        for (var attempt = 1; attempt <= poison.AttemptsMax; attempt++)
        {
            await cluster.StartedAsync(id, attempt);
            cluster.Nodes[0].Kill();
            cluster.Nodes[0].Start();
        }

        var dead = (await cluster.Clients[0].WaitAsync(new WaitRequest { Ids = { id }, Timeout = Minutes })).Tasks[0];
        Assert.Equal((TaskState.Failed, 3), (dead.State, dead.AttemptsUsed));
        Assert.All(dead.Attempts, attempt => Assert.Equal(AttemptOutcome.Lost, attempt.Outcome));
    }

    [Fact]
    public async Task Task_LongerThanItsLease_RunsOnce()
    {
        await using var cluster = await RunningCluster.StartOnSqliteAsync(nodes: 2, pieceDelay: "00:00:00.500");

        var done = await RunAsync(cluster, "Say something long. " + new string('x', 150));

        Assert.Equal((TaskState.Succeeded, 1), (done.State, done.AttemptsUsed));
        var took = done.FinishedAt.ToDateTimeOffset() - done.Attempts[0].LeasedAt.ToDateTimeOffset();
        Assert.True(took > RunningCluster.LeaseDuration, $"It took {took}, which proves nothing.");
    }

    private static IEnumerable<(string Kind, Func<Task> Strike)> Breaks(RunningCluster cluster) =>
    [
        ("nothing", () => Task.CompletedTask),
        ("a connection reset", () =>
        {
            cluster.Wires[0].Cut();
            return Task.CompletedTask;
        }),
        ("a connection that fell silent", () =>
        {
            cluster.Wires[0].FallSilent();
            return Task.CompletedTask;
        }),
        ("a killed scheduler", () =>
        {
            cluster.Schedulers[0].Kill();
            cluster.Schedulers[0].Start();
            return Task.CompletedTask;
        }),
        ("a killed Redis", () =>
        {
            cluster.Redis!.Kill();
            return cluster.Redis.RunAsync();
        }),
        ("a worker frozen past its lease", async () =>
        {
            // It is given a task that it cannot begin, until that one's lease has run out.
            cluster.Nodes[0].Freeze();
            var id = await SubmitAsync(cluster, "for the frozen one");
            await cluster.SeesAsync(change => change.TaskId == id && change.Error?.Code == "lease_lost");
            cluster.Nodes[0].Thaw();
        }),
        ("a killed worker", () =>
        {
            cluster.Nodes[0].Kill();
            cluster.Nodes[0].Start();
            return Task.CompletedTask;
        }),
    ];

    private static async Task<TaskRecord> RunAsync(RunningCluster cluster, string prompt)
    {
        var wait = new WaitRequest { Ids = { await SubmitAsync(cluster, prompt) }, Timeout = Seconds };
        var clock = Stopwatch.StartNew();
        while (true)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), $"'{prompt}' does not end:\n{cluster.Describe()}");
            var task = (await cluster.TryAsync((client, options) => client.WaitAsync(wait, options))).Tasks[0];
            if (task.State.IsFinal())
            {
                return task;
            }
        }
    }

    private static async Task<string> SubmitAsync(RunningCluster cluster, string prompt)
    {
        var submit = new SubmitRequest
        {
            Tasks = { new TaskSpec { Type = "general", Prompt = prompt, IdempotencyKey = prompt, AttemptsMax = 10 } },
        };
        return (await cluster.TryAsync((client, options) => client.SubmitAsync(submit, options))).Receipts[0].Id;
    }
}
