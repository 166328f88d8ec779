using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Koubou.Bench.Peers;
using Koubou.Contracts;

namespace Koubou.Bench;

/// <summary>Time from the call of submit to the start of the craftsman, with nothing else to do.</summary>
internal static class IdleBench
{
    private const string Durability = "dispatch after fsync (WAL, synchronous=FULL)";
    private const int WarmUp = 500;
    private const int Rounds = 2_000;

    public static async Task RunAsync(Report report)
    {
        await using var workshop = await Workshop.OpenAsync(withNode: true);
        var latencies = await MeasureAsync(workshop, WarmUp, Rounds);
        report.Add("idle_latency_p50", latencies.P50, "ms", Durability);
        report.Add("idle_latency_p99", latencies.P99, "ms", Durability);
    }

    /// <summary>One task after another.</summary>
    public static async Task<Milliseconds> MeasureAsync(Workshop workshop, int warmUp, int rounds)
    {
        var latencies = new double[rounds];
        for (var round = -warmUp; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var reply = await workshop.Client.SubmitAsync(Workshop.Batch(1));
            var wait = await workshop.Client.WaitAsync(new WaitRequest
            {
                Ids = { reply.Receipts[0].Id },
                Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(30)),
                IncludeOutput = true,
            });
            if (round >= 0)
            {
                // The monotonic clock is one for all processes of the machine.
                var started = long.Parse(wait.Tasks[0].Output, CultureInfo.InvariantCulture);
                latencies[round] = Stopwatch.GetElapsedTime(start, started).TotalMilliseconds;
            }
        }

        return Milliseconds.Of(latencies);
    }
}
