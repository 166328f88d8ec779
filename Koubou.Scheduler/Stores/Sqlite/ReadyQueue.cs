using System.Numerics;
using Koubou.Scheduler.Rules;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>All ready tasks, in lanes, in the order of <see cref="OrderRules"/>. Guarded by the store's gate.</summary>
internal sealed class ReadyQueue(OrderOptions options)
{
    private const int Priorities = 11;

    private readonly Dictionary<LaneKey, Lane> _lanes = [];
    private readonly List<Lane> _fitting = [];
    private readonly List<Lane> _held = [];
    private readonly PriorityShares[] _shares = [.. Enumerable.Range(0, Priorities).Select(_ => new PriorityShares())];

    public int Count { get; private set; }

    public void Add(LiveTask task)
    {
        if (!_lanes.TryGetValue(task.Lane, out var lane))
        {
            lane = new Lane(task.Lane);
            _lanes.Add(task.Lane, lane);
        }

        var share = _shares[task.Priority].Add(task);
        task.Lane = lane.Key;
        task.Client = share.Client;
        task.IsWaiting = true;
        lane.Add(task, share);
        Count++;
    }

    /// <summary>Counts a task out that will not be taken any more; its tombstone goes when it comes to the front.</summary>
    public void Forget(LiveTask task)
    {
        _shares[task.Priority].Forget(task);
        task.IsWaiting = false;
        Count--;
    }

    /// <summary>Takes up to so many tasks whose requirements fit, best first.</summary>
    public void Take(LeaseRequest request, long now, List<LiveTask> taken)
    {
        if (Count == 0)
        {
            return;
        }

        FindLanes(request);
        var since = request.HeldSince.ToUnixTimeMilliseconds();
        while (taken.Count < request.Count && Best(now, since) is var (lane, line))
        {
            var task = line.Head()!;
            line.TakeHead();
            _shares[task.Priority].Take(task);
            task.IsWaiting = false;
            Count--;
            taken.Add(task);
            if (request.Holds is not null && _fitting.Count > 1 && !_held.Contains(lane))
            {
                // From now on the node holds another model, and who asks knows which.
                return;
            }
        }
    }

    /// <summary>About how many tasks go before this one, if nothing new comes and none ages: 1 is next.</summary>
    public long PositionOf(LiveTask task)
    {
        long before = 0;
        foreach (var lane in _lanes.Values)
        {
            before += lane.CountOwnBefore(task);
        }

        before += _shares[task.Priority].CountOthersBefore(task.Client, before);
        for (var priority = task.Priority + 1; priority < Priorities; priority++)
        {
            before += _shares[priority].Count;
        }

        return before + 1;
    }

    public void Clear()
    {
        _lanes.Clear();
        for (var priority = 0; priority < Priorities; priority++)
        {
            _shares[priority] = new PriorityShares();
        }

        Count = 0;
    }

    private void FindLanes(LeaseRequest request)
    {
        _fitting.Clear();
        _held.Clear();
        foreach (var lane in _lanes.Values)
        {
            if (lane.Occupied == 0)
            {
                // Removing while enumerating is allowed for a dictionary.
                _lanes.Remove(lane.Key);
            }
            else if (request.Fits(lane.Key))
            {
                _fitting.Add(lane);
                if (request.Holds?.Invoke(lane.Key) == true)
                {
                    _held.Add(lane);
                }
            }
        }
    }

    private (Lane Lane, ClientLine Line)? Best(long now, long since)
    {
        var priority = BestPriority();
        if (priority < 0)
        {
            return null;
        }

        return (MayPreferHeld(priority, now, since) ? NextOf(_held, priority) : null) ?? NextOf(_fitting, priority);
    }

    private int BestPriority()
    {
        var occupied = 0;
        foreach (var lane in _fitting)
        {
            occupied |= lane.Occupied;
        }

        if (occupied == 0)
        {
            return -1;
        }

        if (BitOperations.IsPow2(occupied))
        {
            return BitOperations.TrailingZeroCount(occupied);
        }

        var best = -1;
        var bestRank = long.MaxValue;
        while (occupied != 0)
        {
            // From the highest down, so that it wins among equal ranks.
            var priority = BitOperations.Log2((uint)occupied);
            occupied &= ~(1 << priority);
            var rank = OrderRules.Rank(priority, OldestOf(priority), options.AgeingStep);
            if (rank < bestRank)
            {
                (best, bestRank) = (priority, rank);
            }
        }

        return best;
    }

    private long OldestOf(int priority)
    {
        var oldest = long.MaxValue;
        foreach (var lane in _fitting)
        {
            if (lane.Oldest(priority) is { } task)
            {
                oldest = Math.Min(oldest, task.Id.Milliseconds);
            }
        }

        return oldest;
    }

    private bool MayPreferHeld(int priority, long now, long since)
    {
        if (_held.Count == 0 || _held.Count == _fitting.Count)
        {
            return false;
        }

        var others = 0;
        var oldest = long.MaxValue;
        foreach (var lane in _fitting)
        {
            if (!_held.Contains(lane) && lane.Oldest(priority) is { } task)
            {
                others++;
                oldest = Math.Min(oldest, task.Id.Milliseconds);
            }
        }

        return others == 0 || !OrderRules.EndsAffinity(oldest, since, now, others, options);
    }

    private static (Lane Lane, ClientLine Line)? NextOf(List<Lane> among, int priority)
    {
        (Lane Lane, ClientLine Line)? best = null;
        foreach (var lane in among)
        {
            if (lane.Next(priority) is { } line && (best is null || GoesBefore(line, best.Value.Line)))
            {
                best = (lane, line);
            }
        }

        return best;
    }

    private static bool GoesBefore(ClientLine left, ClientLine right) => left.Share.Tag != right.Share.Tag
        ? left.Share.Tag < right.Share.Tag
        : left.Head()!.Id.Key < right.Head()!.Id.Key;
}
