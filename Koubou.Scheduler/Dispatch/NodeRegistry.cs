using System.Collections.Concurrent;

namespace Koubou.Scheduler.Dispatch;

/// <summary>The nodes that are connected to this scheduler, each id once.</summary>
internal sealed class NodeRegistry
{
    private readonly ConcurrentDictionary<string, NodeSession> sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, NodeControl> controls = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    // Replaced whole, so that the dispatcher walks it without a lock.
    private volatile NodeSession[] all = [];

    public IReadOnlyList<NodeSession> All => all;

    public NodeSession? Find(string nodeId) => sessions.GetValueOrDefault(nodeId);

    /// <summary>
    /// Adds a session. False when another process holds the id; an older session of the same process is ended.
    /// </summary>
    public bool TryAdd(NodeSession session)
    {
        lock (gate)
        {
            if (sessions.TryGetValue(session.NodeId, out var other))
            {
                if (other.Process != session.Process)
                {
                    return false;
                }

                other.Ended.Cancel();
            }

            session.Control = ControlOf(session.NodeId);
            sessions[session.NodeId] = session;
            all = [.. sessions.Values.OrderBy(each => each.NodeId, StringComparer.Ordinal)];
            return true;
        }
    }

    /// <summary>What an operator wants of a node; also for one that comes back.</summary>
    public NodeControl ControlOf(string nodeId) => controls.GetOrAdd(nodeId, static _ => new NodeControl());

    public void Remove(NodeSession session)
    {
        lock (gate)
        {
            if (sessions.TryRemove(KeyValuePair.Create(session.NodeId, session)))
            {
                all = [.. sessions.Values.OrderBy(each => each.NodeId, StringComparer.Ordinal)];
            }
        }
    }
}
