using System.Text.Json;
using Koubou.Bench.Backlog;

namespace Koubou.Bench;

/// <summary>Figures as JSON lines, and the ratios between them.</summary>
internal sealed class Report(TextWriter output)
{
    private readonly Dictionary<string, double> figures = new(StringComparer.Ordinal);

    /// <summary>Writes one figure. Every figure names its durability.</summary>
    public void Add(string name, double value, string unit, string durability)
    {
        figures[name] = value;
        output.WriteLine(JsonSerializer.Serialize(new { name, value = Math.Round(value, 3), unit, durability }));
    }

    /// <summary>Writes the median of several rounds, and each of them; returns the median.</summary>
    public double AddMedian(string name, string unit, string durability, IReadOnlyCollection<double> rounds)
    {
        var median = rounds.Order().ElementAt(rounds.Count / 2);
        figures[name] = median;
        output.WriteLine(JsonSerializer.Serialize(new
        {
            name,
            value = Math.Round(median, 3),
            unit,
            durability,
            rounds = rounds.Select(round => Math.Round(round, 3)),
        }));
        return median;
    }

    /// <summary>Writes the median of three measurements, and returns it.</summary>
    public async Task<double> AddMedianAsync(string name, string unit, string durability, Func<Task<double>> measure) =>
        AddMedian(name, unit, durability, [await measure(), await measure(), await measure()]);

    public void WriteRatios()
    {
        Ratio("end_to_end", "raw_sqlite_lifecycle_100", target: 0.85);
        Ratio("submit_batch", "raw_sqlite_insert_100", target: 0.85);
        Ratio("submit_8_clients", "submit_1_client", target: 4);
        Ratio("affinity_loads_without", "affinity_loads_with", target: 4);
        Ratio("affinity_makespan_without", "affinity_makespan_with", target: 2);
        foreach (var engine in BacklogBench.Engines)
        {
            // These may rise to the target, not fall to it.
            Ratio(BacklogBench.Name(engine, "submit", isLarge: true), BacklogBench.Name(engine, "submit", isLarge: false), target: 1.2);
            Ratio(BacklogBench.Name(engine, "lease", isLarge: true), BacklogBench.Name(engine, "lease", isLarge: false), target: 1.2);
        }

        foreach (var parallel in LevelBench.Parallels)
        {
            Ratio($"level_found_of_{parallel}", $"level_best_fixed_of_{parallel}", target: 0.95);
        }
    }

    private void Ratio(string figure, string against, double target)
    {
        if (figures.TryGetValue(figure, out var ours) && figures.TryGetValue(against, out var theirs))
        {
            output.WriteLine(JsonSerializer.Serialize(new
            {
                ratio = $"{figure} / {against}",
                value = Math.Round(ours / theirs, 2),
                target,
            }));
        }
    }
}
