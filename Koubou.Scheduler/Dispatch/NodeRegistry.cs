using System.Collections.Concurrent;
using Koubou.Contracts;

namespace Koubou.Scheduler.Dispatch;

/// <summary>The nodes that are connected to this scheduler, each id once.</summary>
internal sealed class NodeRegistry
{
    private readonly ConcurrentDictionary<string, NodeSession> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, NodeControl> _controls = new(StringComparer.Ordinal);

    // Sessions whose stream has ended, until what was leased for them is put back.
    private readonly HashSet<NodeSession> _leaving = [];
    private readonly Lock _gate = new();

    // Replaced whole, so that the dispatcher walks it without a lock.
    private volatile NodeSession[] _all = [];

    public IReadOnlyList<NodeSession> All => _all;

    /// <summary>Called when an operator changed what a node may take.</summary>
    public event Action? Controlled;

    public NodeSession? Find(string nodeId) => _sessions.GetValueOrDefault(nodeId);

    /// <summary>Does what an operator wants of a node, now and whenever it connects here.</summary>
    public void Apply(ControlNodeRequest wish)
    {
        var control = ControlOf(wish.NodeId);
        switch (wish.ActionCase)
        {
            case ControlNodeRequest.ActionOneofCase.Drain:
                control.Draining = true;
                break;
            case ControlNodeRequest.ActionOneofCase.Resume:
                control.Draining = false;
                break;
            case ControlNodeRequest.ActionOneofCase.SlotsMax:
                control.SlotsMax = wish.SlotsMax;

                // On the stream 0 says nothing; what is more than the node has lifts the limit.
                Find(wish.NodeId)?.Outbox.Add(
                    message => message.SlotsMax = wish.SlotsMax == 0 ? NodeDoor.SlotsMax : wish.SlotsMax);
                break;
        }

        Controlled?.Invoke();
    }

    /// <summary>
    /// Adds a session. False when another process holds the id; an older session of the same process is ended.
    /// </summary>
    /// <param name="session">The new one.</param>
    /// <param name="before">Earlier ones of the node, which may still have leases that it has not seen.</param>
    public bool TryAdd(NodeSession session, out IReadOnlyList<NodeSession> before)
    {
        lock (_gate)
        {
            before = [.. _leaving.Where(each => each.NodeId == session.NodeId)];
            if (_sessions.TryGetValue(session.NodeId, out var other))
            {
                if (other.Process != session.Process)
                {
                    return false;
                }

                other.Ended.Cancel();
                before = [.. before, other];
            }

            session.Control = ControlOf(session.NodeId);
            _sessions[session.NodeId] = session;
            _all = [.. _sessions.Values.OrderBy(each => each.NodeId, StringComparer.Ordinal)];
            return true;
        }
    }

    /// <summary>What an operator wants of a node; also for one that comes back.</summary>
    public NodeControl ControlOf(string nodeId) => _controls.GetOrAdd(nodeId, static _ => new NodeControl());

    /// <summary>Takes a session out whose stream has ended.</summary>
    public void Remove(NodeSession session)
    {
        lock (_gate)
        {
            _leaving.Add(session);
            if (_sessions.TryRemove(KeyValuePair.Create(session.NodeId, session)))
            {
                _all = [.. _sessions.Values.OrderBy(each => each.NodeId, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Forgets a session of which nothing is left.</summary>
    public void Forget(NodeSession session)
    {
        lock (_gate)
        {
            _leaving.Remove(session);
        }

        session.Left.Happen();
    }
}
