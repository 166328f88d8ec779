using System.Globalization;
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

    // About so many, however many tasks there are.
    private const int StrikesMax = 100;

    private readonly int _tasks = ReadNumber("KOUBOU_CHAOS_TASKS", 300);
    private readonly int _seed = ReadNumber("KOUBOU_CHAOS_SEED", Random.Shared.Next());
    private readonly TimeSpan _patience = TimeSpan.FromMinutes(10) + (ReadNumber("KOUBOU_CHAOS_TASKS", 300) * TimeSpan.FromSeconds(0.5));
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

        await using var log = new EventTail(cluster);
        var chaos = StrikeAsync(cluster, log, over.Token);
        var work = WorkAsync(cluster);
        try
        {
            await Task.WhenAny(work, chaos).WaitAsync(_patience);
            await (work.IsCompleted ? work : chaos);
        }
        catch
        {
            output.WriteLine(cluster.Describe());
            throw;
        }

        await over.CancelAsync();
        await chaos;
        await CompareAsync(cluster, log, await work);
    }

    private async Task<List<string>> WorkAsync(RunningCluster cluster)
    {
        var ids = await SubmitAllAsync(cluster);
        await FinishAsync(cluster, ids);
        return ids;
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

            var reply = await cluster.TryAsync((client, options) => client.SubmitAsync(request, options));
            ids.AddRange(reply.Receipts.Select(receipt => receipt.Id));
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
                var reply = await cluster.TryAsync((client, options) => client.WaitAsync(
                    new WaitRequest
                    {
                        Ids = { chunk },
                        All = true,
                        Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
                    },
                    options));
                Assert.Empty(reply.UnknownIds);
                finished = reply.Tasks.All(task => task.State.IsFinal());
            }
            while (!finished);
        }
    }

    // As often as the work moves on, and now and then twice at once.
    private async Task StrikeAsync(RunningCluster cluster, EventTail log, CancellationToken over)
    {
        var random = new Random(_seed);
        var apart = Math.Max(100, 3 * _tasks / StrikesMax);
        try
        {
            while (true)
            {
                await log.ReachesAsync(log.Count + random.Next(1, 2 * apart), over);
                for (var strikes = random.Next(3) == 0 ? 2 : 1; strikes > 0; strikes--)
                {
                    await StrikeOnceAsync(cluster, log, random, over);
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // All tasks are done.
        }
    }

    private async Task StrikeOnceAsync(RunningCluster cluster, EventTail log, Random random, CancellationToken over)
    {
        var node = cluster.Nodes[random.Next(cluster.Nodes.Count)];
        switch (random.Next(10))
        {
            case < 4:
                Strike("workers killed", node, RunningCluster.Joined);
                break;
            case < 7:
                Strike(
                    "schedulers killed",
                    cluster.Schedulers[random.Next(cluster.Schedulers.Count)],
                    RunningCluster.Listens);
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
            case 9 when node.HasSaid(RunningCluster.Joined):
                Note("workers frozen");
                var from = log.Count;
                var number = cluster.Nodes.IndexOf(node);
                node.Freeze();
                try
                {
                    // Until a lease of it has run out, or all is done without it.
                    await log.SeesAsync(
                        from, change => change.Error?.Code == "lease_lost" && change.Node == $"node-{number}", over);
                }
                finally
                {
                    node.Thaw();
                }

                break;
        }
    }

    // One that still starts would never be there, on a machine where a start takes as long as the next strike.
    private void Strike(string what, ClusterProcess process, string isThere)
    {
        if (process.HasSaid(isThere))
        {
            Note(what);
            process.Kill();
            process.Start();
        }
    }

    private void Note(string what) => _struck[what] = _struck.GetValueOrDefault(what) + 1;

    private async Task CompareAsync(RunningCluster cluster, EventTail log, List<string> ids)
    {
        Assert.Equal(_tasks, ids.Distinct(StringComparer.Ordinal).Count());
        var counts = await cluster.TryAsync((client, options) => client.GetStatusAsync(new StatusRequest(), options));
        await log.ReachesAsync((int)counts.LastSequence, TestContext.Current.CancellationToken).WaitAsync(_patience);
        var events = log.Seen;
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

    private static int ReadNumber(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
