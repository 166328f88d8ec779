using Koubou.Scheduler.Leases;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Dispatch;

/// <summary>
/// Tasks that are leased for a node before it has a slot for them, where a lease costs a trip to a server: as many as it
/// takes within <see cref="LeaseOptions.Ahead"/> at its pace. A node whose tasks last longer than that has none here.
/// </summary>
/// <param name="span">For how long ahead. Zero: never.</param>
/// <param name="time">The clock.</param>
/// <remarks>See docs/decisions/0033-leases-run-ahead-of-fast-nodes.md.</remarks>
internal sealed class LeasesAhead(TimeSpan span, TimeProvider time)
{
    /// <summary>At most so many lie here.</summary>
    public const int Max = 256;

    // So many are fetched at once at most: a step of the server should not hold up others for longer than some milliseconds.
    private const int FetchMax = 128;

    private const int SpansOfPatience = 20;
    private const int SpansOfAWindow = 5;

    private readonly Lock _gate = new();
    private readonly List<LeasedTask> _tasks = [];

    // What was given in this window and in the one before.
    private long _since = time.GetTimestamp();
    private int _given;
    private int _before;

    // When so few are left, more are fetched. Zero: not ahead of the node asking.
    private int _low;
    private bool _isClosed;

    // More are on their way. Attempts that ended meanwhile, before they came in here.
    private readonly HashSet<(string TaskId, int Attempt)> _endedMeanwhile = [];
    private bool _isFilling;

    /// <summary>How long a task may lie here.</summary>
    public TimeSpan Patience => span * SpansOfPatience;

    /// <summary>Whether more are on their way.</summary>
    public bool IsFilling
    {
        get
        {
            lock (_gate)
            {
                return _isFilling;
            }
        }
    }

    private TimeSpan Window => span * SpansOfAWindow;

    /// <summary>
    /// How many are worth leasing beyond what the node takes at once: as many as it took within the span of late, when that was
    /// every slot anew.
    /// </summary>
    public int Measure(int slots)
    {
        lock (_gate)
        {
            Roll();
            var pace = (_before + _given) * (span / (Window + time.GetElapsedTime(_since)));
            return pace < slots ? 0 : (int)Math.Min(Math.Min(FetchMax, Max - _tasks.Count), pace);
        }
    }

    /// <summary>The node was given so many.</summary>
    public void Note(int given)
    {
        lock (_gate)
        {
            Roll();
            _given += given;
        }
    }

    /// <summary>Keeps tasks for the node. False when it has left meanwhile.</summary>
    public bool TryKeep(IReadOnlyCollection<LeasedTask> tasks)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _tasks.AddRange(tasks.Where(task => !_endedMeanwhile.Contains((task.Lease.TaskId, task.Attempt))));
                _low = _tasks.Count / 2;
            }

            return !_isClosed;
        }
    }

    /// <summary>Hands out the first ones that fit.</summary>
    public IReadOnlyList<LeasedTask> Take(int most, Func<LaneKey, bool> fits) => Remove(task => fits(LaneKey.Of(task.Spec)), most);

    /// <summary>Takes those of some tasks that are still here.</summary>
    public IReadOnlyList<LeasedTask> Withdraw(IEnumerable<LeasedTask> of)
    {
        var tokens = of.Select(task => task.Lease.Token).ToHashSet();
        return Remove(task => tokens.Contains(task.Lease.Token));
    }

    /// <summary>An attempt was ended from outside.</summary>
    public void Drop(string taskId, int attempt)
    {
        lock (_gate)
        {
            if (_isFilling)
            {
                _endedMeanwhile.Add((taskId, attempt));
            }
        }

        Remove(task => task.Lease.TaskId == taskId && task.Attempt == attempt);
    }

    /// <summary>Takes all; nothing comes in any more.</summary>
    public IReadOnlyList<LeasedTask> Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        return Remove(_ => true);
    }

    /// <summary>True for the one who is to fetch more: few are left, and nobody fetches yet.</summary>
    public bool TryBeginFilling()
    {
        lock (_gate)
        {
            if (_isClosed || _isFilling || _low == 0 || _tasks.Count > _low)
            {
                return false;
            }

            _isFilling = true;
            return true;
        }
    }

    public void EndFilling()
    {
        lock (_gate)
        {
            _endedMeanwhile.Clear();
            if (_tasks.Count == 0)
            {
                _low = 0;
            }

            _isFilling = false;
        }
    }

    private void Roll()
    {
        var elapsed = time.GetElapsedTime(_since);
        if (elapsed >= Window)
        {
            (_before, _given, _since) = (elapsed < Window * 2 ? _given : 0, 0, time.GetTimestamp());
        }
    }

    private List<LeasedTask> Remove(Func<LeasedTask, bool> isMeant, int most = int.MaxValue)
    {
        var removed = new List<LeasedTask>();
        lock (_gate)
        {
            _tasks.RemoveAll(task =>
            {
                if (removed.Count >= most || !isMeant(task))
                {
                    return false;
                }

                removed.Add(task);
                return true;
            });
        }

        return removed;
    }
}
