using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native;

/// <summary>The worker nodes that are connected now.</summary>
public sealed record WorkersReply(IReadOnlyList<WorkerView> Workers);

/// <summary>One worker node.</summary>
public sealed record WorkerView(
    string Id,
    string Version,
    string Machine,
    int ProcessId,
    IReadOnlyList<string> Capabilities,
    IReadOnlyList<BackendView> Backends,
    int Slots,
    int SlotsMax,
    bool Draining,
    DateTime? ConnectedAt,
    DateTime? LastHeartbeatAt,
    IReadOnlyList<RunningTaskView> Running,
    long TasksSucceeded,
    long TasksFailed)
{
    internal static WorkerView Of(WorkerNode node) => new(
        node.Id,
        node.Version,
        node.Machine,
        node.ProcessId,
        node.Capabilities,
        [.. node.Backends.Select(BackendView.Of)],
        node.Slots,
        node.SlotsMax,
        node.Draining,
        node.ConnectedAt.ToUtc(),
        node.LastHeartbeatAt.ToUtc(),
        [.. node.Running.Select(RunningTaskView.Of)],
        node.TasksSucceeded,
        node.TasksFailed);
}

/// <summary>One way to an answer that a node offers.</summary>
public sealed record BackendView(
    string Name,
    string Kind,
    string Zone,
    bool Healthy,
    string? Detail,
    IReadOnlyList<string> Models,
    IReadOnlyList<string> LoadedModels,
    bool Simulated)
{
    internal static BackendView Of(Backend backend) => new(
        backend.Name,
        backend.Kind,
        backend.Zone.ToWord(),
        backend.Healthy,
        backend.Detail.OrNull(),
        backend.Models,
        backend.LoadedModels,
        backend.Simulated);
}

/// <summary>What one craftsman works on.</summary>
public sealed record RunningTaskView(
    string TaskId,
    string Type,
    int Slot,
    int Attempt,
    DateTime? Since,
    long CompletionTokens,
    string? Progress)
{
    internal static RunningTaskView Of(RunningTask task) => new(
        task.TaskId,
        task.Type,
        task.Slot,
        task.Attempt,
        task.Since.ToUtc(),
        task.CompletionTokens,
        task.Progress.OrNull());
}
