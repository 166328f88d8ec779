using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>What happened, step by step, oldest first and without holes.</summary>
public sealed record MetricsView(IReadOnlyList<MetricsPointView> Points)
{
    internal static MetricsView Of(MetricsReply reply) => new([.. reply.Points.Select(MetricsPointView.Of)]);
}

/// <summary>What happened in one step. Times in seconds; simulated answers have no local tokens.</summary>
public sealed record MetricsPointView(
    DateTime? At,
    long Submitted,
    long Started,
    long Succeeded,
    long Failed,
    long Cancelled,
    long Expired,
    long Retried,
    double WaitMedianSeconds,
    double WaitP95Seconds,
    double RunMedianSeconds,
    double RunP95Seconds,
    long PromptTokens,
    long CompletionTokens,
    long LocalTokens,
    long Simulated,
    int SlotsBusy,
    int Slots)
{
    internal static MetricsPointView Of(MetricsPoint point) => new(
        point.At.ToUtc(),
        point.Submitted,
        point.Started,
        point.Succeeded,
        point.Failed,
        point.Cancelled,
        point.Expired,
        point.Retried,
        point.WaitMedian,
        point.WaitP95,
        point.RunMedian,
        point.RunP95,
        point.PromptTokens,
        point.CompletionTokens,
        point.LocalTokens,
        point.Simulated,
        point.SlotsBusy,
        point.Slots);
}
