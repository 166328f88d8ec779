using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;
using Koubou.Scheduler.Submission;
using Koubou.ServiceDefaults.Home;
using Microsoft.Extensions.Options;

namespace Koubou.Scheduler.Operations;

/// <summary>What is wrong with the workshop, and what mends it. The worst comes first.</summary>
internal sealed class HealthInspector(
    IQueueStore store, Workforce workforce, KoubouHome home, IOptions<SubmitLimits> limits)
{
    private const long DiskBytesLow = 1024L * 1024 * 1024;
    private const long DiskBytesOut = 128L * 1024 * 1024;
    private const double NearlyFull = 0.9;

    public async Task<IReadOnlyList<HealthFinding>> InspectAsync(CancellationToken cancellation)
    {
        IReadOnlyDictionary<TaskState, long> counts;
        IReadOnlyList<WaitingCount> waiting;
        try
        {
            counts = await store.CountAsync(cancellation);
            waiting = await store.CountWaitingAsync(cancellation);
        }
        catch (StoreUnusableException error)
        {
            return [Find(Severity.Error, "store_unusable", error.Message, "")];
        }

        var nodes = workforce.All;
        var offers = nodes.Select(node => node.ToOffer()).ToList();
        return [.. Disk()
            .Concat(Nodes(counts, waiting, offers))
            .Concat(Troubles(nodes))
            .Concat(Backends(offers))
            .Concat(Advice(offers))
            .Concat(Queue(counts))
            .Concat(store.Findings)
            .OrderByDescending(finding => finding.Severity)];
    }

    private static IEnumerable<HealthFinding> Nodes(
        IReadOnlyDictionary<TaskState, long> counts, IReadOnlyList<WaitingCount> waiting, List<NodeOffer> offers)
    {
        if (offers.Count == 0)
        {
            yield return Find(
                Severity.Error,
                "no_nodes",
                $"No worker node is connected; {counts[TaskState.Queued]} tasks wait.",
                "Start one with `dotnet run --project Koubou.Worker`.",
                ("waiting", $"{counts[TaskState.Queued]:N0}"));
            yield break;
        }

        foreach (var type in waiting.GroupBy(count => count.Type, StringComparer.Ordinal))
        {
            if (!offers.Exists(offer => offer.Takes(type.Key)))
            {
                yield return Find(
                    Severity.Error,
                    "type_without_node",
                    $"{type.Sum(count => count.Count)} tasks of type '{type.Key}' wait, and no connected worker node takes that type.",
                    $"Start one with `dotnet run --project Koubou.Worker -- --capabilities \"{type.Key}\"`.",
                    ("type", type.Key), ("waiting", $"{type.Sum(count => count.Count):N0}"));
            }
        }
    }

    private static IEnumerable<HealthFinding> Advice(List<NodeOffer> offers) => offers
        .SelectMany(offer => offer.Backends)
        .Select(backend => backend.Advice)
        .Where(advice => advice.Length > 0)
        .Distinct(StringComparer.Ordinal)
        .Select(advice => Find(Severity.Warning, "backend_advice", advice, ""));

    private static IEnumerable<HealthFinding> Troubles(IReadOnlyList<WorkerNode> nodes) => nodes
        .SelectMany(node => node.Troubles.Select(trouble => $"Worker node '{node.Id}': {trouble}"))
        .Select(sentence => Find(Severity.Warning, "node_trouble", sentence, ""));

    // A backend says in one sentence what is wrong and what mends it.
    private static IEnumerable<HealthFinding> Backends(List<NodeOffer> offers) => offers
        .SelectMany(offer => offer.Backends)
        .Where(backend => (!backend.Healthy || backend.Simulated) && backend.Detail.Length > 0)
        .DistinctBy(backend => backend.Detail, StringComparer.Ordinal)
        .Select(backend => Find(
            backend.Healthy ? Severity.Warning : Severity.Error,
            backend.Simulated ? "simulated" : "backend_unhealthy",
            backend.Detail,
            "",
            ("detail_code", backend.DetailCode)));

    private IEnumerable<HealthFinding> Queue(IReadOnlyDictionary<TaskState, long> counts)
    {
        var live = counts.Where(pair => !pair.Key.IsFinal()).Sum(pair => pair.Value);
        if (live > NearlyFull * limits.Value.LiveTasksMax)
        {
            yield return Find(
                Severity.Warning,
                "queue_nearly_full",
                $"The queue holds {live:N0} unfinished tasks of at most {limits.Value.LiveTasksMax:N0}; submits will be refused.",
                "Add worker nodes, or raise Queue:Limits:LiveTasksMax.",
                ("live", $"{live:N0}"), ("max", $"{limits.Value.LiveTasksMax:N0}"));
        }
    }

    private IEnumerable<HealthFinding> Disk()
    {
        long free;
        try
        {
            free = new DriveInfo(Path.GetFullPath(home.Database)).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            yield break;
        }

        if (free < DiskBytesLow)
        {
            yield return Find(
                free < DiskBytesOut ? Severity.Error : Severity.Warning,
                "disk_low",
                $"The disk of {home.Database} has {free / (1024 * 1024):N0} MiB left.",
                $"Make room (`df -h {home.Database}`), or move the home with KOUBOU_HOME.",
                ("path", home.Database), ("mebibytes", $"{free / (1024 * 1024):N0}"));
        }
    }

    private static HealthFinding Find(
        Severity severity, string code, string message, string remedy, params (string Name, string Value)[] args) => new()
    {
        Severity = severity,
        Code = code,
        Message = message,
        Remedy = remedy,
        Args = { args.ToDictionary(arg => arg.Name, arg => arg.Value) },
    };
}
