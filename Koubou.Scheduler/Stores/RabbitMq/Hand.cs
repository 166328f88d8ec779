namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>Claims that one lease works with, by type.</summary>
internal sealed class Hand
{
    private readonly Dictionary<string, Stack<Claim>> _claims = new(StringComparer.Ordinal);

    public bool IsEmpty => _claims.Values.All(line => line.Count == 0);

    /// <summary>Of the types that any claim is here for, how many there are of the rarest.</summary>
    public int Fewest => _claims.Values.Select(line => line.Count).Where(count => count > 0).Min();

    public int Count(string type) => _claims.TryGetValue(type, out var line) ? line.Count : 0;

    public void Add(string type, IEnumerable<Claim> taken)
    {
        if (!_claims.TryGetValue(type, out var line))
        {
            _claims[type] = line = new Stack<Claim>();
        }

        foreach (var claim in taken)
        {
            line.Push(claim);
        }
    }

    public Claim Take(string type) => _claims[type].Pop();

    /// <summary>Whether more tasks of a type are queued and wanted than there are claims for.</summary>
    public bool IsShortOf(Dictionary<string, long> queued, int wanted) =>
        queued.Any(pair => Count(pair.Key) < Math.Min(pair.Value, wanted));

    public IEnumerable<Claim> TakeAll()
    {
        Claim[] all = [.. _claims.Values.SelectMany(line => line)];
        _claims.Clear();
        return all;
    }
}
