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

    private readonly ActivitySource source = new(SourceName);
    private readonly Meter meter;
    private readonly Histogram<double> wait;
    private readonly Counter<long> changes;

    public SchedulerTelemetry(IMeterFactory meters)
    {
        meter = meters.Create(SourceName);
        wait = meter.CreateHistogram<double>(
            "koubou.task.wait", "s", "Time from submit to the lease of an attempt.");
        changes = meter.CreateCounter<long>("koubou.task.events", "{event}", "Changes of tasks, by kind and type.");
    }

    /// <summary>Shows the depth of the queue by state.</summary>
    public void ObserveDepth(Func<IReadOnlyDictionary<TaskState, long>> count) => meter.CreateObservableGauge(
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
            if (wait.Enabled)
            {
                wait.Record(
                    (now - task.SubmittedAt).TotalSeconds, KeyValuePair.Create("type", (object?)task.Spec.Type));
            }

            if (source.HasListeners())
            {
                Trace(task, node, now);
            }
        }
    }

    public void Hear(TaskEvent change) => changes.Add(
        1,
        KeyValuePair.Create("kind", (object?)change.Kind.ToString()),
        KeyValuePair.Create("type", (object?)change.Type));

    public void Dispose()
    {
        source.Dispose();
        meter.Dispose();
    }

    private void Trace(LeasedTask task, string node, DateTimeOffset now)
    {
        if (!ActivityContext.TryParse(task.Spec.TraceParent, task.Spec.TraceState, isRemote: true, out var parent))
        {
            return;
        }

        using var span = source.StartActivity(
            $"wait {task.Spec.Type}", ActivityKind.Internal, parent, startTime: task.SubmittedAt);
        span?.SetTag("koubou.task.id", task.Lease.TaskId);
        span?.SetTag("koubou.task.attempt", task.Attempt);
        span?.SetTag("koubou.node", node);
        span?.SetEndTime(now.UtcDateTime);
    }
}
