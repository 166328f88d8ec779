using System.Numerics;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Ready tasks with equal requirements, by priority.</summary>
internal sealed class Lane(LaneKey key)
{
    private const int Priorities = 11;

    private readonly LaneLevel?[] _levels = new LaneLevel?[Priorities];
    private int _occupied;

    public LaneKey Key { get; } = key;

    /// <summary>Bit N is set while tasks of priority N wait.</summary>
    public int Occupied
    {
        get
        {
            for (var rest = _occupied; rest != 0; rest &= rest - 1)
            {
                var priority = BitOperations.TrailingZeroCount(rest);
                if (_levels[priority]!.Next() is null)
                {
                    _occupied &= ~(1 << priority);
                }
            }

            return _occupied;
        }
    }

    public void Add(LiveTask task, ClientShare share)
    {
        var level = _levels[task.Priority] ??= new LaneLevel();
        level.Add(task, share);
        _occupied |= 1 << task.Priority;
    }

    /// <summary>The client whose turn it is at a priority, or null when nothing waits.</summary>
    public ClientLine? Next(int priority) => _levels[priority]?.Next();

    /// <summary>The task of a priority that was submitted first, or null.</summary>
    public LiveTask? Oldest(int priority) => _levels[priority]?.Oldest();

    /// <summary>How many tasks of the same client and priority go before this one in this lane.</summary>
    public int CountOwnBefore(LiveTask task) => _levels[task.Priority]?.CountOwnBefore(task) ?? 0;
}
