using System.Globalization;
using Koubou.Cli.Terminal;

namespace Koubou.Cli.Load;

/// <summary>A load test's report for people.</summary>
internal static class LoadTable
{
    public static void Print(Surface surface, LoadReport report)
    {
        surface.WriteLine(
            Cell.Strong($"{Number(report.TasksPerSecond)} tasks/s"),
            $"  {string.Join(", ", report.Outcomes.Select(outcome => $"{Figures.Count(outcome.Value)} {outcome.Key}"))}",
            $" in {Number(report.ElapsedSeconds)} s",
            report.Refusals > 0 ? Cell.Warning($"; {Figures.Count(report.Refusals)} submits were put off: something was full") : "");
        var rows = new Rows("LATENCY", "P50", "P95", "P99", "MAX");
        Add("submit (on disk)", report.SubmitMs);
        Add("in the queue", report.QueuedMs);
        Add("with a craftsman", report.RanMs);
        Add("request to answer", report.WholeMs);
        surface.Write(rows);
        if (report.Simulated)
        {
            surface.WriteLine(Cell.Warning("Simulated: the demo backend answered. This measures the queue, not a model."));
        }

        void Add(string name, Percentiles? times)
        {
            if (times is not null)
            {
                rows.Add(name, Time(times.P50), Time(times.P95), Time(times.P99), Time(times.Max));
            }
        }
    }

    private static string Time(double milliseconds) => Figures.Span(TimeSpan.FromMilliseconds(milliseconds));

    private static string Number(double number) => number.ToString("N1", CultureInfo.InvariantCulture);
}
