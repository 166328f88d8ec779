using Koubou.Contracts;
using Koubou.Web.Language;
using Microsoft.Extensions.Localization;

namespace Koubou.Web.Charts;

/// <summary>The charts of the workshop, from its numbers by minute.</summary>
public static class MetricsCharts
{
    /// <summary>Done and failed in each step.</summary>
    public static ChartData Throughput(MetricsReply metrics, IStringLocalizer<Words> say) => Of(metrics, "bars", "",
        new(say["Figures.Done"], "pine", Values(metrics, point => point.Succeeded)),
        new(say["Figures.Failed"], "seal", Values(metrics, point => point.Failed)));

    /// <summary>How long tasks waited for a craftsman; steps in which none began leave a gap.</summary>
    public static ChartData Waits(MetricsReply metrics, IStringLocalizer<Words> say) => Of(metrics, "lines", say["Chart.Seconds"],
        new(say["Chart.Median"], "indigo", Values(metrics, point => point.Started > 0 ? point.WaitMedian : null)),
        new(say["Chart.Slowest"], "ochre", Values(metrics, point => point.Started > 0 ? point.WaitP95 : null)));

    /// <summary>Tokens that were written in each step.</summary>
    public static ChartData Tokens(MetricsReply metrics, IStringLocalizer<Words> say) => Of(metrics, "bars", "",
        new ChartSeries(say["Chart.Tokens"], "indigo", Values(metrics, point => point.CompletionTokens)));

    /// <summary>Busy slots of those that there were.</summary>
    public static ChartData Slots(MetricsReply metrics, IStringLocalizer<Words> say) => Of(metrics, "lines", "",
        new(say["Chart.Busy"], "indigo", Values(metrics, point => point.SlotsBusy)),
        new(say["Chart.Slots"], "line", Values(metrics, point => point.Slots)));

    private static ChartData Of(MetricsReply metrics, string kind, string unit, params ChartSeries[] series) =>
        new(kind, unit, Milliseconds(metrics.Points.FirstOrDefault()), StepOf(metrics), series);

    private static double?[] Values(MetricsReply metrics, Func<MetricsPoint, double?> value) =>
        [.. metrics.Points.Select(point => value(point) is { } number ? Math.Round(number, 3) : (double?)null)];

    private static long StepOf(MetricsReply metrics) =>
        metrics.Points.Count < 2 ? 60_000 : Milliseconds(metrics.Points[1]) - Milliseconds(metrics.Points[0]);

    private static long Milliseconds(MetricsPoint? point) =>
        point?.At?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0;
}
