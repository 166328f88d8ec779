using System.Globalization;

namespace Koubou.Bench.Peers;

/// <summary>A table of figures of ours beside those of others, with the ratios that are aimed at.</summary>
internal sealed class Comparison(string title)
{
    private readonly List<string> _rows = [];

    /// <param name="figure">What is measured.</param>
    /// <param name="ours">Our figure.</param>
    /// <param name="against">Whose figure it is compared with.</param>
    /// <param name="theirs">That figure.</param>
    /// <param name="unit">Of both.</param>
    /// <param name="atLeast">The ratio that is aimed at, where more is better.</param>
    /// <param name="atMost">The ratio that is aimed at, where less is better.</param>
    public void Add(
        string figure, double ours, string against, double theirs, string unit, double? atLeast = null, double? atMost = null)
    {
        var ratio = ours / theirs;
        var target = atLeast is not null ? $"≥ {Number(atLeast.Value)}" : atMost is not null ? $"≤ {Number(atMost.Value)}" : "";
        var verdict = atLeast is null && atMost is null ? "" : ratio >= (atLeast ?? 0) && ratio <= (atMost ?? ratio) ? "met" : "missed";
        _rows.Add($"| {figure} | {Number(ours)} {unit} | {against}: {Number(theirs)} | {Number(ratio)} | {target} | {verdict} |");
    }

    /// <summary>A figure with a target of its own.</summary>
    public void Add(string figure, double ours, string unit, double? atMost = null) => _rows.Add(
        $"| {figure} | {Number(ours)} {unit} | | | {(atMost is null ? "" : $"≤ {Number(atMost.Value)} {unit}")} | "
        + $"{(atMost is null ? "" : ours <= atMost ? "met" : "missed")} |");

    public void Write(TextWriter output)
    {
        output.WriteLine($"\n### {title}\n");
        output.WriteLine("| figure | Koubou | beside | ratio | target | |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- |");
        _rows.ForEach(output.WriteLine);
        output.WriteLine();
    }

    private static string Number(double value) => Math.Abs(value) >= 100
        ? value.ToString("N0", CultureInfo.InvariantCulture)
        : value.ToString("0.##", CultureInfo.InvariantCulture);
}
