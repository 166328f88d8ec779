using System.Globalization;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>
/// Thousands of bad days of a small workshop. A failure names its seed; <c>KOUBOU_SIMULATION_SEED</c> runs that one alone,
/// <c>KOUBOU_SIMULATION_DAYS</c> sets how many are run.
/// </summary>
public sealed class SimulationTests
{
    private const int Days = 2_000;

    [Fact]
    public void Workshop_ManyBadDays_KeepsEveryPromise()
    {
        var folder = Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/koubou-simulation-{Environment.ProcessId}").FullName
            : Directory.CreateTempSubdirectory("koubou-simulation-").FullName;
        try
        {
            // Each day has a thread of its own; more threads only make for more days at a time.
            Parallel.ForEach(
                Seeds(),
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                seed => RunDay(seed, folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void RunDay(int seed, string folder)
    {
        using var world = new World(seed, folder);
        try
        {
            world.Run();
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"Seed {seed}: {error.Message}", error);
        }
    }

    private static IEnumerable<int> Seeds()
    {
        if (Read("KOUBOU_SIMULATION_SEED") is { } seed)
        {
            return [seed];
        }

        return Enumerable.Range(1, Read("KOUBOU_SIMULATION_DAYS") ?? Days);
    }

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : null;
}
