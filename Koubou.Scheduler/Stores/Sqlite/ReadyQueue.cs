using System.Numerics;
using Koubou.Scheduler.Rules;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>All ready tasks, in lanes, in the order of <see cref="OrderRules"/>. Guarded by the store's gate.</summary>
internal sealed class ReadyQueue(OrderOptions options)
{
    private const int Priorities = 11;

    private readonly Dictionary<LaneKey, Lane> lanes = [];
    private readonly List<Lane> fitting = [];
    private readonly List<Lane> held = [];
    private readonly PriorityShares[] shares = [.. Enumerable.Range(0, Priorities).Select(_ => new PriorityShares())];

    public int Count { get; private set; }

    public void Add(LiveTask task)
    {
        if (!lanes.TryGetValue(task.Lane, out var lane))
        {
            lane = new Lane(task.Lane);
            lanes.Add(task.Lane, lane);
        }

        task.IsWaiting = true;
        lane.Add(task, shares[task.Priority].Add(task));
        Count++;
    }

    /// <summary>Counts a task out that will not be taken any more; its tombstone goes when it comes to the front.</summary>
    public void Forget(LiveTask task)
    {
        shares[task.Priority].Forget(task);
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
            shares[task.Priority].Take(task);
            task.IsWaiting = false;
            Count--;
            taken.Add(task);
            if (request.Holds is not null && fitting.Count > 1 && !held.Contains(lane))
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
        foreach (var lane in lanes.Values)
        {
            before += lane.CountOwnBefore(task);
        }

        before += shares[task.Priority].CountOthersBefore(task.Client, before);
        for (var priority = task.Priority + 1; priority < Priorities; priority++)
        {
            before += shares[priority].Count;
        }

        return before + 1;
    }

    public void Clear()
    {
        lanes.Clear();
        for (var priority = 0; priority < Priorities; priority++)
        {
            shares[priority] = new PriorityShares();
        }

        Count = 0;
    }

    private void FindLanes(LeaseRequest request)
    {
        fitting.Clear();
        held.Clear();
        foreach (var lane in lanes.Values)
        {
            if (lane.Occupied == 0)
            {
                // Removing while enumerating is allowed for a dictionary.
                lanes.Remove(lane.Key);
            }
            else if (request.Fits(lane.Key))
            {
                fitting.Add(lane);
                if (request.Holds?.Invoke(lane.Key) == true)
                {
                    held.Add(lane);
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

        return (MayPreferHeld(priority, now, since) ? NextOf(held, priority) : null) ?? NextOf(fitting, priority);
    }

    private int BestPriority()
    {
        var occupied = 0;
        foreach (var lane in fitting)
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
        foreach (var lane in fitting)
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
        if (held.Count == 0 || held.Count == fitting.Count)
        {
            return false;
        }

        var others = 0;
        var oldest = long.MaxValue;
        foreach (var lane in fitting)
        {
            if (!held.Contains(lane) && lane.Oldest(priority) is { } task)
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
