using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Metrics;

/// <summary>What happened within one step of time.</summary>
internal sealed class MinuteStats
{
    private readonly DurationHistogram waits = new();
    private readonly DurationHistogram runs = new();
    private readonly MetricsPoint sums = new();

    /// <param name="change">What happened.</param>
    /// <param name="submittedAt">When its task was submitted, in milliseconds since 1970.</param>
    public void Count(TaskEvent change, long submittedAt)
    {
        switch (change.Kind)
        {
            case EventKind.Submitted:
                sums.Submitted++;
                break;
            case EventKind.Started:
                sums.Started++;
                waits.Add(change.At.ToDateTimeOffset() - DateTimeOffset.FromUnixTimeMilliseconds(submittedAt));
                break;
            case EventKind.Succeeded:
                sums.Succeeded++;
                sums.Simulated += change.Simulated ? 1 : 0;
                break;
            case EventKind.Failed:
                sums.Failed++;
                break;
            case EventKind.Cancelled:
                sums.Cancelled++;
                break;
            case EventKind.Expired:
                sums.Expired++;
                break;
            case EventKind.RetryScheduled:
                sums.Retried++;
                break;
        }

        if (change.Run is { } run)
        {
            runs.Add(run.ToTimeSpan());
            CountTokens(change);
        }
    }

    public void Sample(int slotsBusy, int slots)
    {
        sums.SlotsBusy = slotsBusy;
        sums.Slots = slots;
    }

    public void Add(MinuteStats later)
    {
        sums.Submitted += later.sums.Submitted;
        sums.Started += later.sums.Started;
        sums.Succeeded += later.sums.Succeeded;
        sums.Failed += later.sums.Failed;
        sums.Cancelled += later.sums.Cancelled;
        sums.Expired += later.sums.Expired;
        sums.Retried += later.sums.Retried;
        sums.PromptTokens += later.sums.PromptTokens;
        sums.CompletionTokens += later.sums.CompletionTokens;
        sums.LocalTokens += later.sums.LocalTokens;
        sums.Simulated += later.sums.Simulated;
        Sample(later.sums.SlotsBusy, later.sums.Slots);
        waits.Add(later.waits);
        runs.Add(later.runs);
    }

    public MetricsPoint ToPoint(DateTimeOffset at)
    {
        var point = sums.Clone();
        point.At = Timestamp.FromDateTimeOffset(at);
        point.WaitMedian = waits.Quantile(0.5);
        point.WaitP95 = waits.Quantile(0.95);
        point.RunMedian = runs.Quantile(0.5);
        point.RunP95 = runs.Quantile(0.95);
        return point;
    }

    private void CountTokens(TaskEvent change)
    {
        if (change.Usage is not { } usage || change.Simulated)
        {
            return;
        }

        sums.PromptTokens += usage.PromptTokens;
        sums.CompletionTokens += usage.CompletionTokens;
        if (change.Zone is Zone.Local or Zone.Private)
        {
            sums.LocalTokens += usage.PromptTokens + usage.CompletionTokens;
        }
    }
}
