namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// Tasks in the order of submission: added at the end or close to it, taken from the front, each in constant time; the
/// place of a task is found by a search from the end.
/// </summary>
internal sealed class SortedRing
{
    // Clients that submit at the same time come in out of order by about a call.
    private const int StepsMax = 1_024;

    private LiveTask[] _items = new LiveTask[16];
    private int _head;

    public int Count { get; private set; }

    public LiveTask First => At(0);

    /// <summary>Adds a task at its place. False: that is too far from the end, and nothing changed.</summary>
    public bool TryAdd(LiveTask task)
    {
        var key = task.Id.Key;
        if (Count > StepsMax && At(Count - 1 - StepsMax).Id.Key > key)
        {
            return false;
        }

        if (Count == _items.Length)
        {
            Grow();
        }

        var place = Count++;
        for (; place > 0 && At(place - 1).Id.Key > key; place--)
        {
            Set(place, At(place - 1));
        }

        Set(place, task);
        return true;
    }

    public LiveTask TakeFirst()
    {
        var first = _items[_head];
        _items[_head] = null!;
        _head = (_head + 1) & (_items.Length - 1);
        Count--;
        return first;
    }

    /// <summary>How many tasks stand before the one with this key.</summary>
    public int CountBefore(long key)
    {
        // What is asked for is new in most cases, and most of a long ring is out of the cache.
        var (low, high) = (0, Count);
        for (var step = 1; high > low; step *= 2)
        {
            var probe = Math.Max(0, high - step);
            if (At(probe).Id.Key < key)
            {
                low = probe + 1;
                break;
            }

            high = probe;
        }

        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (At(middle).Id.Key < key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void Set(int index, LiveTask task) => _items[(_head + index) & (_items.Length - 1)] = task;

    private LiveTask At(int index) => _items[(_head + index) & (_items.Length - 1)];

    private void Grow()
    {
        var larger = new LiveTask[_items.Length * 2];
        for (var index = 0; index < Count; index++)
        {
            larger[index] = At(index);
        }

        _items = larger;
        _head = 0;
    }
}
