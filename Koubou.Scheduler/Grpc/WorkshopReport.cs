using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Operations;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Grpc;

/// <summary>The state of the workshop at a glance, with what a person should mend.</summary>
internal sealed class WorkshopReport(
    IQueueStore store, Workforce workforce, HealthInspector health, TimeProvider time)
{
    private readonly Timestamp _startedAt = Timestamp.FromDateTimeOffset(time.GetUtcNow());

    public async Task<WorkshopStatus> WriteAsync(CancellationToken cancellation)
    {
        var workers = workforce.All;
        var backends = workers.SelectMany(node => node.Backends).ToList();
        var status = new WorkshopStatus
        {
            Nodes = workers.Count,
            Slots = workers.Sum(node => node.Slots),
            SlotsBusy = workers.Sum(node => node.Running.Count),
            Engine = store.Name,
            Version = typeof(WorkshopReport).Assembly.GetName().Version?.ToString(3) ?? "",
            StartedAt = _startedAt,
            LastSequence = store.Events.LastSequence,
            Simulated = backends.Count > 0 && backends.All(backend => backend.Simulated),
        };
        foreach (var (state, count) in await store.CountAsync(cancellation))
        {
            status.TasksByState[state.ToWord()] = count;
        }

        status.Waiting.AddRange(await store.CountWaitingAsync(cancellation));
        status.Warnings.AddRange((await health.InspectAsync(cancellation))
            .Select(finding => $"{finding.Message} {finding.Remedy}".TrimEnd()));
        return status;
    }
}
