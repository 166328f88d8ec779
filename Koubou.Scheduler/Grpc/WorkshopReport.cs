using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Grpc;

/// <summary>The state of the workshop at a glance, with what a person should mend.</summary>
internal sealed class WorkshopReport(IQueueStore store, NodeRegistry nodes, TimeProvider time)
{
    private readonly Timestamp startedAt = Timestamp.FromDateTimeOffset(time.GetUtcNow());

    public async Task<WorkshopStatus> WriteAsync(CancellationToken cancellation)
    {
        var workers = nodes.All.Select(node => node.ToWorkerNode()).ToList();
        var backends = workers.SelectMany(node => node.Backends).ToList();
        var status = new WorkshopStatus
        {
            Nodes = workers.Count,
            Slots = workers.Sum(node => node.Slots),
            SlotsBusy = workers.Sum(node => node.Running.Count),
            Engine = store.Name,
            Version = typeof(WorkshopReport).Assembly.GetName().Version?.ToString(3) ?? "",
            StartedAt = startedAt,
            LastSequence = store.Events.LastSequence,
            Simulated = backends.Count > 0 && backends.All(backend => backend.Simulated),
        };
        foreach (var (state, count) in await store.CountAsync(cancellation))
        {
            status.TasksByState[state.ToWord()] = count;
        }

        status.Warnings.AddRange(Warnings(workers, status.TasksByState));
        return status;
    }

    private static IEnumerable<string> Warnings(List<WorkerNode> workers, MapField<string, long> counts)
    {
        if (workers.Count == 0)
        {
            var waiting = counts[TaskState.Queued.ToWord()];
            yield return $"No worker node is connected; {waiting} tasks wait. Start one with "
                + "`dotnet run --project Koubou.Worker`.";
        }

        foreach (var detail in workers
            .SelectMany(node => node.Backends)
            .Where(backend => (!backend.Healthy || backend.Simulated) && backend.Detail.Length > 0)
            .Select(backend => backend.Detail)
            .Distinct(StringComparer.Ordinal))
        {
            yield return detail;
        }
    }
}
