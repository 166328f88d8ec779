namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>Claims that one lease works with, by type.</summary>
internal sealed class Hand
{
    private readonly Dictionary<string, Stack<Claim>> claims = new(StringComparer.Ordinal);

    public bool IsEmpty => claims.Values.All(line => line.Count == 0);

    /// <summary>Of the types that any claim is here for, how many there are of the rarest.</summary>
    public int Fewest => claims.Values.Select(line => line.Count).Where(count => count > 0).Min();

    public int Count(string type) => claims.TryGetValue(type, out var line) ? line.Count : 0;

    public void Add(string type, IEnumerable<Claim> taken)
    {
        if (!claims.TryGetValue(type, out var line))
        {
            claims[type] = line = new Stack<Claim>();
        }

        foreach (var claim in taken)
        {
            line.Push(claim);
        }
    }

    public Claim Take(string type) => claims[type].Pop();

    /// <summary>Whether more tasks of a type are queued and wanted than there are claims for.</summary>
    public bool IsShortOf(Dictionary<string, long> queued, int wanted) =>
        queued.Any(pair => Count(pair.Key) < Math.Min(pair.Value, wanted));

    public IEnumerable<Claim> TakeAll()
    {
        Claim[] all = [.. claims.Values.SelectMany(line => line)];
        claims.Clear();
        return all;
    }
}
