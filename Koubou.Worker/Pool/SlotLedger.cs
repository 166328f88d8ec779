using Koubou.Worker.Nodes;

namespace Koubou.Worker.Pool;

/// <summary>
/// How many slots the pool has, and how much credit for them the scheduler holds. The promise is kept here that a node
/// never holds more leases than slots: credit that was granted and not used, plus the occupied slots, never exceeds the
/// slots. A shrinking pool takes credit back; tasks that were on their way meanwhile are still taken.
/// </summary>
/// <remarks>Guarded by the pool's lock.</remarks>
internal sealed class SlotLedger(WorkerOptions options, IPoolSizing sizing)
{
    private int _slots = options.SlotsMin;
    private int _outstanding;
    private int _busyPeak;
    private int _operatorsMax = options.SlotsMax;

    /// <summary>Read without the lock.</summary>
    public int Slots => Volatile.Read(ref _slots);

    /// <summary>The most that settings and operator allow. Read without the lock.</summary>
    public int SlotsMax => Volatile.Read(ref _operatorsMax);

    /// <summary>The operator's limit, within that of the settings.</summary>
    public void SetMax(int max) => Volatile.Write(ref _operatorsMax, Math.Clamp(max, 1, options.SlotsMax));

    /// <summary>One task came against credit.</summary>
    public void UseCredit() => _outstanding--;

    /// <summary>A new scheduler knows of no credit yet.</summary>
    public void ForgetCredit() => _outstanding = 0;

    /// <summary>Tasks arrived.</summary>
    public void NoteArrival(int occupied, int useful)
    {
        _busyPeak = Math.Max(_busyPeak, occupied);
        Resize(sizing.OnAssigned(_slots, occupied), occupied, useful);
    }

    /// <summary>A whole period has passed: gives up slots that stayed idle.</summary>
    public void EndPeriod(int occupied, int useful)
    {
        Resize(sizing.OnPeriodEnded(_slots, _busyPeak), occupied, useful);
        _busyPeak = occupied;
    }

    /// <summary>A limit is another one: looks whether there is use for more slots, or fewer.</summary>
    public void Reconsider(int occupied, int useful) => Resize(sizing.OnAssigned(_slots, occupied), occupied, useful);

    /// <summary>How much credit is to be granted, or taken back where negative; it counts as granted from now on.</summary>
    public int TakeGrant(int occupied, bool mayGrow)
    {
        var change = _slots - occupied - _outstanding;
        if (change > 0 && !mayGrow)
        {
            return 0;
        }

        _outstanding += change;
        return change;
    }

    // Settings say how many there are at least; the backends how many are of use; the operator has the last word. Work
    // that is there already has its slot in any case.
    private void Resize(int wanted, int occupied, int useful)
    {
        var most = Math.Min(Math.Max(useful, options.SlotsMin), _operatorsMax);
        var least = Math.Min(options.SlotsMin, most);
        Volatile.Write(ref _slots, Math.Max(Math.Clamp(wanted, least, most), occupied));
    }
}
