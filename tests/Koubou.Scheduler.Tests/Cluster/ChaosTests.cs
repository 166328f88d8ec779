using System.Globalization;
using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Scheduler.Tests.Cluster;

/// <summary>
/// Everything is killed at random: workers, schedulers, the server under them; workers are frozen past their lease. At the
/// end every task that was ever answered has succeeded, and was recorded once.
/// </summary>
/// <remarks>
/// <c>KOUBOU_CHAOS_TASKS</c> sets how many tasks (default: 300), <c>KOUBOU_CHAOS_SEED</c> repeats the choices of a run.
/// </remarks>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int BatchSize = 50;

    private readonly int _tasks = ReadNumber("KOUBOU_CHAOS_TASKS", 300);
    private readonly int _seed = ReadNumber("KOUBOU_CHAOS_SEED", Random.Shared.Next());
    private readonly Dictionary<string, int> _struck = new(StringComparer.Ordinal);

    [Fact]
    public async Task Redis_EverythingKilledAtRandom_EveryAnsweredTaskSucceedsOnce()
    {
        await using var cluster = await RunningCluster.StartAsync(schedulers: 2, nodes: 4);
        await RunAsync(cluster);
    }

    [Fact]
    public async Task Sqlite_EverythingKilledAtRandom_EveryAnsweredTaskSucceedsOnce()
    {
        await using var cluster = await RunningCluster.StartOnSqliteAsync(nodes: 4);
        await RunAsync(cluster);
    }

    [Fact]
    public async Task RabbitMq_EverythingKilledAtRandom_EveryAnsweredTaskSucceedsOnceAndNoMessageIsLeft()
    {
        await using var cluster = await RunningCluster.StartOnRabbitAsync(schedulers: 2, nodes: 4);
        await RunAsync(cluster);
        await cluster.Rabbit!.DrainedAsync("koubou.main.general");
    }

    private async Task RunAsync(RunningCluster cluster)
    {
        output.WriteLine($"{_tasks} tasks, seed {_seed}");
        using var over = new CancellationTokenSource();

        var chaos = StrikeAsync(cluster, over.Token);
        List<string> ids;
        try
        {
            ids = await SubmitAllAsync(cluster);
            await FinishAsync(cluster, ids);
        }
        catch
        {
            output.WriteLine(cluster.Describe());
            throw;
        }

        await over.CancelAsync();
        await chaos;
        await CompareAsync(cluster, ids);
    }

    // Any scheduler that answers. A submit whose answer was lost comes again under the same key.
    private async Task<List<string>> SubmitAllAsync(RunningCluster cluster)
    {
        var ids = new List<string>();
        for (var batch = 0; batch < _tasks / BatchSize; batch++)
        {
            var request = new SubmitRequest();
            for (var number = 0; number < BatchSize; number++)
            {
                request.Tasks.Add(new TaskSpec
                {
                    Prompt = $"{batch}-{number}",
                    IdempotencyKey = $"{batch}-{number}",
                    Priority = 1 + (number % 10),
                    AttemptsMax = 50,
                });
            }

            ids.AddRange(await cluster.TryAsync(async client =>
                (await client.SubmitAsync(request, deadline: DateTime.UtcNow.AddSeconds(20))).Receipts.Select(receipt => receipt.Id)));
        }

        return ids;
    }

    private static async Task FinishAsync(RunningCluster cluster, List<string> ids)
    {
        foreach (var chunk in ids.Chunk(500))
        {
            bool finished;
            do
            {
                var reply = await cluster.TryAsync(async client => await client.WaitAsync(
                    new WaitRequest
                    {
                        Ids = { chunk },
                        All = true,
                        Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
                    },
                    deadline: DateTime.UtcNow.AddSeconds(30)));
                Assert.Empty(reply.UnknownIds);
                finished = reply.Tasks.All(task => task.State.IsFinal());
            }
            while (!finished);
        }
    }

    private async Task StrikeAsync(RunningCluster cluster, CancellationToken over)
    {
        var random = new Random(_seed);
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(random.Next(1_000, 5_000), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested)
            {
                return;
            }

            // A scheduler that found no server at its start has given up.
            foreach (var process in cluster.Schedulers.Concat(cluster.Nodes))
            {
                process.KeepRunning();
            }

            switch (random.Next(10))
            {
                case < 4:
                    await StrikeAsync("workers killed", cluster.Nodes[random.Next(cluster.Nodes.Count)]);
                    break;
                case < 7:
                    var scheduler = random.Next(cluster.Schedulers.Count);
                    if (await AnswersAsync(cluster.Clients[scheduler]))
                    {
                        await StrikeAsync("schedulers killed", cluster.Schedulers[scheduler]);
                    }

                    break;
                case < 9 when cluster.Rabbit is { } broker && random.Next(2) == 0:
                    Note("brokers killed");
                    broker.Kill();
                    await broker.RunAsync();
                    break;
                case < 9 when cluster.Redis is not null:
                    Note("servers killed");
                    cluster.Redis.Kill();
                    await cluster.Redis.RunAsync();
                    break;
                case 9:
                    Note("workers frozen");
                    var node = cluster.Nodes[random.Next(cluster.Nodes.Count)];
                    node.Freeze();
                    await Task.Delay(RunningCluster.LeaseDuration * 1.5, CancellationToken.None);
                    node.Thaw();
                    break;
            }
        }
    }

    // One that still starts would never be there, on a machine where a start takes as long as the next strike.
    private static async Task<bool> AnswersAsync(TaskQueue.TaskQueueClient client)
    {
        try
        {
            await client.GetStatusAsync(new StatusRequest(), deadline: DateTime.UtcNow.AddSeconds(2));
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private Task StrikeAsync(string what, ClusterProcess process)
    {
        Note(what);
        process.Kill();
        process.Start();
        return Task.CompletedTask;
    }

    private void Note(string what) => _struck[what] = _struck.GetValueOrDefault(what) + 1;

    private async Task CompareAsync(RunningCluster cluster, List<string> ids)
    {
        Assert.Equal(_tasks, ids.Distinct(StringComparer.Ordinal).Count());
        var counts = await cluster.TryAsync(async client => await client.GetStatusAsync(new StatusRequest()));
        var events = await ReadEventsAsync(cluster, counts.LastSequence);
        var ended = events.Where(change => change.State.IsFinal()).ToList();
        output.WriteLine(
            $"{ended.Count} ends of {ids.Count} tasks, {events.Count(change => change.Kind == EventKind.Started)} attempts, "
            + $"{events.Count} events; {string.Join(", ", _struck.Select(pair => $"{pair.Value} {pair.Key}"))}");

        Assert.Equal(_tasks, counts.TasksByState["succeeded"]);
        Assert.Equal(_tasks, counts.TasksByState.Values.Sum());
        Assert.All(ended, change => Assert.Equal(EventKind.Succeeded, change.Kind));
        Assert.Equal(ids.Order(StringComparer.Ordinal), ended.Select(change => change.TaskId).Order(StringComparer.Ordinal));
        Assert.Equal(
            Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(change => change.Sequence));
    }

    private static async Task<List<TaskEvent>> ReadEventsAsync(RunningCluster cluster, long last)
    {
        var events = new List<TaskEvent>();
        using var watch = cluster.Clients[0].WatchEvents(
            new WatchEventsRequest { FromSequence = 1 }, new CallOptions().WithWaitForReady());
        while ((events.Count == 0 || events[^1].Sequence < last) && await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            Assert.False(watch.ResponseStream.Current.Gap);
            events.AddRange(watch.ResponseStream.Current.Events);
        }

        return events;
    }

    private static int ReadNumber(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
