using System.Globalization;

namespace Koubou.Scheduler.Tests.Simulation;

/// <summary>
/// Thousands of bad days of a small workshop. A failure names its seed; <c>KOUBOU_SIMULATION_SEED</c> runs that one alone,
/// <c>KOUBOU_SIMULATION_DAYS</c> sets how many are run.
/// </summary>
public sealed class SimulationTests
{
    private const int DaysDefault = 2_000;

    [Fact]
    public void Workshop_ManyBadDays_KeepsEveryPromise() => Days.RunEach(Seeds(), world => world.Run());

    [Fact]
    public void Day_OfTheSameSeed_IsTheSameDay()
    {
        var days = new Dictionary<int, List<string>>();
        for (var turn = 0; turn < 2; turn++)
        {
            Days.RunEach(Enumerable.Range(1, 20), world =>
            {
                var day = string.Join('\n', world.Run().Select(
                    change => $"{change.At} {change.Kind} {change.Priority} {change.Client} {change.Attempt} {change.Node}"));
                lock (days)
                {
                    (days.TryGetValue(world.Seed, out var turns) ? turns : days[world.Seed] = []).Add(day);
                }
            });
        }

        Assert.All(days.Values, turns => Assert.Equal(turns[0], turns[1]));
    }

    private static IEnumerable<int> Seeds()
    {
        if (Read("KOUBOU_SIMULATION_SEED") is { } seed)
        {
            return [seed];
        }

        return Enumerable.Range(1, Read("KOUBOU_SIMULATION_DAYS") ?? DaysDefault);
    }

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : null;
}
