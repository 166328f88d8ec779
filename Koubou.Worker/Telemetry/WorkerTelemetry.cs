using System.Diagnostics;
using System.Diagnostics.Metrics;
using Koubou.Contracts;
using Koubou.Worker.Backends.Lanes;
using Koubou.Worker.Pool;

namespace Koubou.Worker.Telemetry;

/// <summary>What the node tells about itself: spans and metrics under the name <c>Koubou.Worker</c>.</summary>
internal sealed class WorkerTelemetry : IDisposable
{
    public const string Name = "Koubou.Worker";

    private static readonly ActivitySource Source = new(Name);

    private readonly Meter _meter;
    private readonly Histogram<double> _run;
    private readonly Histogram<double> _tokensPerSecond;
    private readonly Counter<long> _tokens;
    private readonly TimeProvider _clock;

    public WorkerTelemetry(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        _meter = meters.Create(Name);
        _run = _meter.CreateHistogram<double>(
            "koubou.worker.run.duration", "s", "From the assignment of an attempt to its end.");
        _tokens = _meter.CreateCounter<long>("koubou.worker.tokens", "{token}", "Tokens read and written.");
        _tokensPerSecond = _meter.CreateHistogram<double>(
            "koubou.worker.tokens_per_second", "{token}/s", "How fast the model wrote.");
    }

    public void Dispose() => _meter.Dispose();

    public void Watch(Func<int> slots, Func<int> busy, Func<IReadOnlyList<Lane>> lanes)
    {
        _meter.CreateObservableGauge("koubou.worker.slots", slots, "{slot}", "Craftsmen in the pool.");
        _meter.CreateObservableGauge("koubou.worker.slots.busy", busy, "{slot}", "Craftsmen at work.");
        Gauge("koubou.worker.backend.in_flight", "{call}", "Calls that a backend answers now.", lane => lane.InFlight);
        Gauge("koubou.worker.backend.level", "{call}", "Calls that a backend is given side by side.", lane => lane.Level);
        Gauge("koubou.worker.backend.parallel", "{call}", "The level at which its throughput stopped rising; 0: not known.",
            lane => lane.SettledLevel);
        Gauge("koubou.worker.backend.ready", "{backend}", "1: it can be asked now.", lane => lane.IsReady ? 1 : 0);

        void Gauge(string name, string unit, string description, Func<Lane, int> read) =>
            _meter.CreateObservableGauge(name, () => lanes().Select(lane => new Measurement<int>(
                read(lane), new KeyValuePair<string, object?>("koubou.backend", lane.Name))), unit, description);
    }

    /// <summary>The span of one attempt, a child of the request that submitted the task.</summary>
    public Activity? StartProcess(Work work)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var task = work.Task;
        var isChild = ActivityContext.TryParse(
            task.Spec.TraceParent, task.Spec.TraceState, isRemote: true, out var parent);
        var span = Source.StartActivity($"process {task.Type}", ActivityKind.Consumer, isChild ? parent : default);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("koubou.task.id", task.Id);
            span.SetTag("koubou.task.type", task.Type);
            span.SetTag("koubou.task.attempt", task.Attempt);
            span.SetTag("koubou.worker.node", work.NodeId);
            span.SetTag("koubou.worker.slot", work.Slot);
        }

        return span;
    }

    public void Finished(Work work, TaskReport report, Activity? span)
    {
        var outcome = report.BodyCase switch
        {
            TaskReport.BodyOneofCase.Completed => "completed",
            TaskReport.BodyOneofCase.GivenBack => "given_back",
            _ => "failed",
        };
        span?.SetTag("koubou.task.outcome", outcome);
        if (report.Failed is { } failed)
        {
            span?.SetTag("error.type", failed.Error.Code);
        }

        if (_run.Enabled)
        {
            _run.Record(
                _clock.GetElapsedTime(work.LeasedAt).TotalSeconds,
                new KeyValuePair<string, object?>("koubou.task.type", work.Task.Type),
                new KeyValuePair<string, object?>("koubou.task.outcome", outcome));
        }

        if (report.Completed?.Facts is { Usage: { } usage } facts)
        {
            Count(facts, usage);
        }
    }

    private void Count(AttemptFacts facts, TokenUsage usage)
    {
        var model = new KeyValuePair<string, object?>("gen_ai.request.model", facts.Model);
        _tokens.Add(usage.PromptTokens, model, new("gen_ai.token.type", "input"));
        _tokens.Add(usage.CompletionTokens, model, new("gen_ai.token.type", "output"));
        if (facts.Generation?.ToTimeSpan() is { TotalSeconds: > 0 } generation)
        {
            _tokensPerSecond.Record(usage.CompletionTokens / generation.TotalSeconds, model);
        }
    }
}
