using System.Diagnostics;
using Koubou.Contracts;
using Koubou.OllamaStandIn;

namespace Koubou.Bench;

/// <summary>
/// Tasks per second of a node that finds out by itself how many calls its Ollama answers side by side, beside the best
/// fixed setting: an Ollama stand-in that runs 1, 2 or 4 chats at once and lets the others wait inside, a scheduler, a
/// node, and always a backlog.
/// </summary>
internal static class LevelBench
{
    private const string Durability = "answers after fsync";
    private const int Backlog = 400;
    private const int PiecesPerTask = 20;

    private static readonly TimeSpan PieceDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MeasureTime = TimeSpan.FromSeconds(12);

    public static IReadOnlyList<int> Parallels { get; } = [1, 2, 4];

    public static async Task RunAsync(Report report)
    {
        foreach (var parallel in Parallels)
        {
            await using var ollama = await StandInServer.StartAsync();
            ollama.AddModel("gemma2:2b");
            ollama.Parallel = parallel;
            ollama.PieceDelay = PieceDelay;
            ollama.Answer = _ => Enumerable.Repeat(" word", PiecesPerTask);

            var best = 0.0;
            foreach (var level in Enumerable.Range(parallel, 2))
            {
                var (rate, _) = await MeasureAsync(ollama, TimeSpan.FromSeconds(3), level, level);
                report.Add($"level_fixed_{level}_of_{parallel}", rate, "tasks/s", Durability);
                best = Math.Max(best, rate);
            }

            var (found, settled) = await MeasureAsync(ollama, SettleLimit, min: 1, max: 8);
            report.Add($"level_best_fixed_of_{parallel}", best, "tasks/s", Durability);
            report.Add($"level_found_of_{parallel}", found, "tasks/s", Durability);
            report.Add($"level_settled_of_{parallel}", settled, "calls side by side", Durability);
        }
    }

    /// <returns>Tasks per second after the settling time, and the level that the node had found at its end.</returns>
    private static async Task<(double Rate, int Settled)> MeasureAsync(
        StandInServer ollama, TimeSpan settling, int min, int max)
    {
        await using var workshop = await Workshop.OpenAsync(
            withNode: true,
            $"--Koubou:Worker:Ollama:Endpoint={ollama.Address}",
            $"--Koubou:Worker:Ollama:ParallelMin={min}",
            $"--Koubou:Worker:Ollama:ParallelMax={max}");
        using var enough = new CancellationTokenSource();
        var feeding = FeedAsync(workshop, enough.Token);
        await Task.Delay(settling, CancellationToken.None);
        var workers = await workshop.Client.ListWorkersAsync(new ListWorkersRequest());
        var settled = workers.Nodes.SelectMany(node => node.Backends).Max(backend => backend.Parallel);

        var before = await SucceededAsync(workshop);
        var start = Stopwatch.GetTimestamp();
        await Task.Delay(MeasureTime, CancellationToken.None);
        var rate = (await SucceededAsync(workshop) - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await enough.CancelAsync();
        await feeding;
        return (rate, settled);
    }

    private static async Task FeedAsync(Workshop workshop, CancellationToken cancellationToken)
    {
        using var refill = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            do
            {
                var status = await workshop.Client.GetStatusAsync(new StatusRequest(), cancellationToken: cancellationToken);
                if (status.TasksByState.GetValueOrDefault("queued") < Backlog / 2)
                {
                    var request = new SubmitRequest();
                    for (var number = 0; number < Backlog; number++)
                    {
                        request.Tasks.Add(new TaskSpec { Type = "general", Prompt = $"task {number}" });
                    }

                    await workshop.Client.SubmitAsync(request, cancellationToken: cancellationToken);
                }
            }
            while (await refill.WaitForNextTickAsync(cancellationToken));
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The measurement is over.
        }
    }

    private static async Task<long> SucceededAsync(Workshop workshop) =>
        (await workshop.Client.GetStatusAsync(new StatusRequest())).TasksByState.GetValueOrDefault("succeeded");
}
