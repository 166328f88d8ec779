using System.Diagnostics;
using Koubou.Contracts;

namespace Koubou.Bench;

/// <summary>Submits per second: one at a time, from eight clients, and in batches.</summary>
internal static class SubmitBench
{
    private const string Durability = "every answer after fsync (WAL, synchronous=FULL)";
    private const int BatchSize = 1_000;
    private const int BatchesAtOnce = 4;

    public static async Task RunAsync(BenchSettings settings, Report report)
    {
        await using var workshop = await Workshop.OpenAsync(withNode: false);
        await SinglesAsync(workshop, clients: 1, each: 500);
        report.Add("submit_1_client", await SinglesAsync(workshop, clients: 1, each: 2_000), "tasks/s", Durability);
        report.Add("submit_8_clients", await SinglesAsync(workshop, clients: 8, each: 1_500), "tasks/s", Durability);
        await BatchesAsync(workshop, 20_000);
        report.Add("submit_batch", await BatchesAsync(workshop, settings.Tasks * 2), "tasks/s", Durability);
    }

    /// <summary>Tasks per second, one in a call; each client has a connection of its own.</summary>
    public static async Task<double> SinglesAsync(Workshop workshop, int clients, int each)
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            using var channel = workshop.Connect();
            var client = new TaskQueue.TaskQueueClient(channel);
            for (var number = 0; number < each; number++)
            {
                await client.SubmitAsync(Workshop.Batch(1));
            }
        }));
        return clients * each / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Tasks per second, many in a call, several calls at once.</summary>
    public static async Task<double> BatchesAsync(Workshop workshop, int tasks)
    {
        var batches = Enumerable.Range(0, tasks / BatchSize).Select(_ => Workshop.Batch(BatchSize)).ToList();
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            batches,
            new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce },
            async (batch, cancellation) => await workshop.Client.SubmitAsync(batch, cancellationToken: cancellation));
        return batches.Count * BatchSize / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
