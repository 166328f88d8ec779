namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// Tasks in the order of submission: added at the end, taken from the front, each in constant time; the place of a task
/// is found by binary search.
/// </summary>
internal sealed class SortedRing
{
    private LiveTask[] _items = new LiveTask[16];
    private int _head;

    public int Count { get; private set; }

    /// <summary>Whether the task may be added at the end without breaking the order.</summary>
    public bool Accepts(LiveTask task) => Count == 0 || At(Count - 1).Id.Key < task.Id.Key;

    public LiveTask First => At(0);

    public void Add(LiveTask task)
    {
        if (Count == _items.Length)
        {
            Grow();
        }

        _items[(_head + Count) & (_items.Length - 1)] = task;
        Count++;
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
        if (Count > 0 && At(Count - 1).Id.Key == key)
        {
            // The newest, as after every submit: no search through memory that is long out of the cache.
            return Count - 1;
        }

        var low = 0;
        var high = Count;
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
