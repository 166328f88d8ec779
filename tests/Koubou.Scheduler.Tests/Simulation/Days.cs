namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>Runs days by their seeds; a failure names its seed.</summary>
internal static class Days
{
    /// <summary>Each day has a thread of its own; more threads only make for more days at a time.</summary>
    public static void RunEach(IEnumerable<int> seeds, Action<World> day)
    {
        var folder = Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/koubou-simulation-{Guid.NewGuid():N}").FullName
            : Directory.CreateTempSubdirectory("koubou-simulation-").FullName;
        try
        {
            Parallel.ForEach(
                seeds,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                seed => Run(seed, folder, day));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Run(int seed, string folder, Action<World> day)
    {
        using var world = new World(seed, folder);
        try
        {
            day(world);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"Seed {seed}: {error.Message}", error);
        }
    }
}
