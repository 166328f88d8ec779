using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;

namespace Koubou.Scheduler.Peers;

/// <summary>All worker nodes of the workshop, whichever scheduler they are connected to.</summary>
internal sealed class Workforce(NodeRegistry nodes, IPeers peers)
{
    public IReadOnlyList<WorkerNode> All
    {
        get
        {
            var own = nodes.All.Select(node => node.ToWorkerNode()).ToList();
            var known = own.Select(node => node.Id).ToHashSet(StringComparer.Ordinal);
            return [.. own.Concat(peers.Nodes.Where(node => !known.Contains(node.Id))).OrderBy(node => node.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>A node, wherever it is connected.</summary>
    public WorkerNode? Find(string id) => nodes.Find(id)?.ToWorkerNode() ?? peers.Nodes.FirstOrDefault(node => node.Id == id);

    /// <summary>What a node of another scheduler last noted of a task.</summary>
    public string? FindProgress(string taskId) => peers.Nodes
        .SelectMany(node => node.Running)
        .FirstOrDefault(task => task.TaskId == taskId)?.Progress;
}
