using System.Numerics;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Ready tasks with equal requirements, by priority.</summary>
internal sealed class Lane(LaneKey key)
{
    private const int Priorities = 11;

    private readonly LaneLevel?[] levels = new LaneLevel?[Priorities];
    private int occupied;

    public LaneKey Key { get; } = key;

    /// <summary>Bit N is set while tasks of priority N wait.</summary>
    public int Occupied
    {
        get
        {
            for (var rest = occupied; rest != 0; rest &= rest - 1)
            {
                var priority = BitOperations.TrailingZeroCount(rest);
                if (levels[priority]!.Next() is null)
                {
                    occupied &= ~(1 << priority);
                }
            }

            return occupied;
        }
    }

    public void Add(LiveTask task, ClientShare share)
    {
        var level = levels[task.Priority] ??= new LaneLevel();
        level.Add(task, share);
        occupied |= 1 << task.Priority;
    }

    /// <summary>The client whose turn it is at a priority, or null when nothing waits.</summary>
    public ClientLine? Next(int priority) => levels[priority]?.Next();

    /// <summary>The task of a priority that was submitted first, or null.</summary>
    public LiveTask? Oldest(int priority) => levels[priority]?.Oldest();

    /// <summary>How many tasks of the same client and priority go before this one in this lane.</summary>
    public int CountOwnBefore(LiveTask task) => levels[task.Priority]?.CountOwnBefore(task) ?? 0;
}
