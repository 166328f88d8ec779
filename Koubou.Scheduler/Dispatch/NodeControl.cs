namespace Koubou.Scheduler.Dispatch;

/// <summary>
/// What an operator wants of a worker node. It holds for the node's id until it is changed or the scheduler restarts.
/// </summary>
internal sealed class NodeControl
{
    private volatile bool _draining;
    private volatile int _slotsMax;

    /// <summary>The node takes no more tasks; what it has, it finishes.</summary>
    public bool Draining
    {
        get => _draining;
        set => _draining = value;
    }

    /// <summary>Tasks that the node may hold at once; 0: as many as it offers.</summary>
    public int SlotsMax
    {
        get => _slotsMax;
        set => _slotsMax = value;
    }
}
