namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>The clients that wait at one priority. Guarded by the store's gate.</summary>
internal sealed class PriorityShares
{
    // Beyond so many, clients that wait for nothing are forgotten.
    private const int IdleMax = 1_024;

    private readonly Dictionary<string, ClientShare> _shares = new(StringComparer.Ordinal);
    private long _lastTag;

    /// <summary>Tasks that wait.</summary>
    public long Count { get; private set; }

    /// <summary>Counts a task in.</summary>
    public ClientShare Add(LiveTask task)
    {
        if (!_shares.TryGetValue(task.Client, out var share))
        {
            share = new ClientShare(task.Client);
            _shares.Add(task.Client, share);
        }

        if (share.Waiting == 0)
        {
            share.Tag = ++_lastTag;
        }

        share.Waiting++;
        Count++;
        return share;
    }

    /// <summary>It was this task's turn.</summary>
    public void Take(LiveTask task)
    {
        _shares[task.Client].Tag = ++_lastTag;
        Forget(task);
    }

    /// <summary>Counts a task out that does not wait any more.</summary>
    public void Forget(LiveTask task)
    {
        var share = _shares[task.Client];
        Count--;
        if (--share.Waiting == 0 && _shares.Count > IdleMax)
        {
            _shares.Remove(task.Client);
        }
    }

    /// <summary>
    /// How many tasks of other clients go before the one that has so many of its own client's before it.
    /// </summary>
    public long CountOthersBefore(string client, long ownBefore)
    {
        var tag = _shares[client].Tag;
        long before = 0;
        foreach (var share in _shares.Values)
        {
            if (share.Client != client)
            {
                before += Math.Min(share.Tag < tag ? ownBefore + 1 : ownBefore, share.Waiting);
            }
        }

        return before;
    }
}
