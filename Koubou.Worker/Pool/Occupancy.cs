namespace Koubou.Worker.Pool;

/// <summary>Which work sits in which slot, until its craftsman lets go of it.</summary>
/// <remarks>Guarded by the pool's lock.</remarks>
internal sealed class Occupancy(int slots)
{
    private readonly bool[] _taken = new bool[slots];
    private readonly HashSet<Work> _works = [];

    public int Count => _works.Count;

    /// <summary>Work that asks none of the node's backends.</summary>
    public int BesideBackends => _works.Count(work => !work.AsksBackends);

    /// <summary>The first free slot, from 1. There must be one.</summary>
    public int FreeSlot => Array.IndexOf(_taken, value: false) + 1;

    public void Enter(Work work)
    {
        _taken[work.Slot - 1] = true;
        _works.Add(work);
    }

    public void Leave(Work work)
    {
        _works.Remove(work);
        _taken[work.Slot - 1] = false;
    }
}
