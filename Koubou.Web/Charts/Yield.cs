using Koubou.Contracts;

namespace Koubou.Web.Charts;

/// <summary>What the numbers by minute add up to.</summary>
public static class Yield
{
    private const double Million = 1_000_000;

    /// <summary>Tokens written in a second, over the last full minute and what has passed of this one.</summary>
    public static double TokensPerSecond(MetricsReply hour, DateTimeOffset now)
    {
        var last = hour.Points.TakeLast(2).ToList();
        if (last.Count == 0)
        {
            return 0;
        }

        var seconds = (now - last[0].At.ToDateTimeOffset()).TotalSeconds;
        return last.Sum(point => point.CompletionTokens) / Math.Clamp(seconds, 1, 120);
    }

    /// <summary>How busy the slots were, from 0 to 1; null where there were none.</summary>
    public static double? Occupancy(MetricsReply metrics)
    {
        var slots = metrics.Points.Sum(point => (long)point.Slots);
        return slots == 0 ? null : Math.Min(1, metrics.Points.Sum(point => (double)point.SlotsBusy) / slots);
    }

    public static long LocalTokens(MetricsReply metrics) => metrics.Points.Sum(point => point.LocalTokens);

    /// <summary>
    /// What a cloud would have asked for the tokens that stayed here. How the local ones divide into read and written is
    /// not counted apart, so they divide as all of that step do.
    /// </summary>
    public static decimal NotSpent(MetricsReply metrics, CloudPriceOptions price) => metrics.Points.Sum(point =>
    {
        var all = point.PromptTokens + point.CompletionTokens;
        var share = all == 0 ? 0 : Math.Min(1, (double)point.LocalTokens / all);
        return (decimal)(share * point.PromptTokens / Million) * price.PromptPerMillion
            + (decimal)(share * point.CompletionTokens / Million) * price.CompletionPerMillion;
    });
}
