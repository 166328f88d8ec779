using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;

namespace Koubou.Scheduler.Peers;

/// <summary>The other schedulers on the same queue: which nodes they have, and what those write.</summary>
internal interface IPeers
{
    /// <summary>The worker nodes that are connected to others, as they were a moment ago.</summary>
    IReadOnlyList<WorkerNode> Nodes { get; }

    /// <summary>What the nodes of others run with.</summary>
    ValueTask<IReadOnlyList<Setting>> ReadSettingsAsync();

    /// <summary>
    /// Makes a node's id this scheduler's. False when another process holds it elsewhere; the same process, which came
    /// over from another scheduler, takes it along.
    /// </summary>
    ValueTask<bool> TryClaimAsync(NodeSession session);

    /// <summary>The node has left.</summary>
    ValueTask ReleaseAsync(NodeSession session);

    /// <summary>Asks whoever has the task for its output, until disposed. It comes to the board.</summary>
    IDisposable WatchOutput(string taskId);

    /// <summary>One of this scheduler's nodes wrote something.</summary>
    void Tell(string taskId, int attempt, OutputChunk chunk);

    /// <summary>One of this scheduler's nodes noted its progress.</summary>
    void Tell(string taskId, int attempt, string progress);

    /// <summary>Passes on what an operator wants of a node: it holds wherever the node connects.</summary>
    void Tell(ControlNodeRequest wish);
}
