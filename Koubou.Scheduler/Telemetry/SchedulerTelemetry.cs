using System.Diagnostics;
using System.Diagnostics.Metrics;
using Koubou.Contracts;
using Koubou.Scheduler.Events;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Telemetry;

/// <summary>Traces and metrics of the queue.</summary>
internal sealed class SchedulerTelemetry : IEventListener, IDisposable
{
    private const string SourceName = "Koubou.Scheduler";

    private readonly ActivitySource _source = new(SourceName);
    private readonly Meter _meter;
    private readonly Histogram<double> _wait;
    private readonly Counter<long> _changes;

    public SchedulerTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(SourceName);
        _wait = _meter.CreateHistogram<double>(
            "koubou.task.wait", "s", "Time from submit to the lease of an attempt.");
        _changes = _meter.CreateCounter<long>("koubou.task.events", "{event}", "Changes of tasks, by kind and type.");
    }

    /// <summary>Shows the depth of the queue by state.</summary>
    public void ObserveDepth(Func<IReadOnlyDictionary<TaskState, long>> count) => _meter.CreateObservableGauge(
        "koubou.queue.depth",
        () => count()
            .Where(pair => !pair.Key.IsFinal())
            .Select(pair => new Measurement<long>(pair.Value, KeyValuePair.Create("state", (object?)pair.Key.ToWord()))),
        "{task}",
        "Tasks that are not finished, by state.");

    /// <summary>Records the wait that ends with a lease, in the trace of the submitting request.</summary>
    public void Leased(IReadOnlyList<LeasedTask> tasks, string node, DateTimeOffset now)
    {
        foreach (var task in tasks)
        {
            if (_wait.Enabled)
            {
                _wait.Record(
                    (now - task.SubmittedAt).TotalSeconds, KeyValuePair.Create("type", (object?)task.Spec.Type));
            }

            if (_source.HasListeners())
            {
                Trace(task, node, now);
            }
        }
    }

    public void Hear(TaskEvent change) => _changes.Add(
        1,
        KeyValuePair.Create("kind", (object?)change.Kind.ToString()),
        KeyValuePair.Create("type", (object?)change.Type));

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    private void Trace(LeasedTask task, string node, DateTimeOffset now)
    {
        if (!ActivityContext.TryParse(task.Spec.TraceParent, task.Spec.TraceState, isRemote: true, out var parent))
        {
            return;
        }

        using var span = _source.StartActivity(
            $"wait {task.Spec.Type}", ActivityKind.Internal, parent, startTime: task.SubmittedAt);
        span?.SetTag("koubou.task.id", task.Lease.TaskId);
        span?.SetTag("koubou.task.attempt", task.Attempt);
        span?.SetTag("koubou.node", node);
        span?.SetEndTime(now.UtcDateTime);
    }
}
