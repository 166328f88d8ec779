namespace Koubou.Gateway.Mcp.Unread;

/// <summary>The results of one client that it has not read, in the order in which it delegated them.</summary>
internal sealed class OpenResults(int max)
{
    private readonly OrderedDictionary<string, bool> _finished = new(StringComparer.Ordinal);

    public IEnumerable<string> Ids => _finished.Keys;

    public IEnumerable<string> Finished => _finished.Where(entry => entry.Value).Select(entry => entry.Key);

    /// <summary>Adds one; returns the oldest when there is no more room for it.</summary>
    public string? Add(string id, bool finished)
    {
        _finished[id] = finished;
        if (_finished.Count <= max)
        {
            return null;
        }

        var oldest = _finished.GetAt(0).Key;
        _finished.RemoveAt(0);
        return oldest;
    }

    public bool Remove(string id) => _finished.Remove(id);

    public void Mark(string id, bool finished)
    {
        if (_finished.ContainsKey(id))
        {
            _finished[id] = finished;
        }
    }
}
