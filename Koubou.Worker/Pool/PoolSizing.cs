namespace Koubou.Worker.Pool;

/// <summary>Decides how many slots the pool has. Pure: no clock, no state.</summary>
internal interface IPoolSizing
{
    /// <summary>Asked each time that tasks arrive.</summary>
    /// <returns>The slots wanted from now on; the pool keeps them between its bounds.</returns>
    int OnAssigned(int slots, int busy);

    /// <summary>Asked once in every shrink period.</summary>
    /// <param name="slots">The slots of now.</param>
    /// <param name="busyPeak">The most that were busy at the same time since the last call.</param>
    int OnPeriodEnded(int slots, int busyPeak);
}

/// <summary>
/// Follows demand: while all slots are busy there is one more, and what a whole period left idle goes away. So a free
/// slot stands ready for the next task until the pool has its full size.
/// </summary>
internal sealed class DemandSizing : IPoolSizing
{
    public int OnAssigned(int slots, int busy) => busy >= slots ? busy + 1 : slots;

    public int OnPeriodEnded(int slots, int busyPeak) => busyPeak == 0 ? 0 : Math.Min(slots, busyPeak + 1);
}
