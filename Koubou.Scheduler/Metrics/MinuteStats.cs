using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Scheduler.Metrics;

/// <summary>What happened within one step of time.</summary>
internal sealed class MinuteStats
{
    private readonly DurationHistogram _waits = new();
    private readonly DurationHistogram _runs = new();
    private readonly MetricsPoint _sums = new();

    /// <param name="change">What happened.</param>
    /// <param name="submittedAt">When its task was submitted, in milliseconds since 1970.</param>
    public void Count(TaskEvent change, long submittedAt)
    {
        switch (change.Kind)
        {
            case EventKind.Submitted:
                _sums.Submitted++;
                break;
            case EventKind.Started:
                _sums.Started++;
                _waits.Add(change.At.ToDateTimeOffset() - DateTimeOffset.FromUnixTimeMilliseconds(submittedAt));
                break;
            case EventKind.Succeeded:
                _sums.Succeeded++;
                _sums.Simulated += change.Simulated ? 1 : 0;
                break;
            case EventKind.Failed:
                _sums.Failed++;
                break;
            case EventKind.Cancelled:
                _sums.Cancelled++;
                break;
            case EventKind.Expired:
                _sums.Expired++;
                break;
            case EventKind.RetryScheduled:
                _sums.Retried++;
                break;
        }

        if (change.Run is { } run)
        {
            _runs.Add(run.ToTimeSpan());
            CountTokens(change);
        }
    }

    public void Sample(int slotsBusy, int slots)
    {
        _sums.SlotsBusy = slotsBusy;
        _sums.Slots = slots;
    }

    public void Add(MinuteStats later)
    {
        _sums.Submitted += later._sums.Submitted;
        _sums.Started += later._sums.Started;
        _sums.Succeeded += later._sums.Succeeded;
        _sums.Failed += later._sums.Failed;
        _sums.Cancelled += later._sums.Cancelled;
        _sums.Expired += later._sums.Expired;
        _sums.Retried += later._sums.Retried;
        _sums.PromptTokens += later._sums.PromptTokens;
        _sums.CompletionTokens += later._sums.CompletionTokens;
        _sums.LocalTokens += later._sums.LocalTokens;
        _sums.Simulated += later._sums.Simulated;
        Sample(later._sums.SlotsBusy, later._sums.Slots);
        _waits.Add(later._waits);
        _runs.Add(later._runs);
    }

    public MetricsPoint ToPoint(DateTimeOffset at)
    {
        var point = _sums.Clone();
        point.At = Timestamp.FromDateTimeOffset(at);
        point.WaitMedian = _waits.Quantile(0.5);
        point.WaitP95 = _waits.Quantile(0.95);
        point.RunMedian = _runs.Quantile(0.5);
        point.RunP95 = _runs.Quantile(0.95);
        return point;
    }

    private void CountTokens(TaskEvent change)
    {
        if (change.Usage is not { } usage || change.Simulated)
        {
            return;
        }

        _sums.PromptTokens += usage.PromptTokens;
        _sums.CompletionTokens += usage.CompletionTokens;
        if (change.Zone is Zone.Local or Zone.Private)
        {
            _sums.LocalTokens += usage.PromptTokens + usage.CompletionTokens;
        }
    }
}
