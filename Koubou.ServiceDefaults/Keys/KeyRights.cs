namespace Koubou.ServiceDefaults.Keys;

/// <summary>What a key may do, and how much of it. 0: no limit of its own.</summary>
public sealed record KeyRights
{
    /// <summary>Default: <c>submit</c> and <c>read</c>.</summary>
    public KeyScopes Scopes { get; init; } = KeyScopes.Submit | KeyScopes.Read;

    /// <summary>Requests a minute; so many may also come at once. Default: 0.</summary>
    public int RequestsPerMinute { get; init; }

    /// <summary>Requests held at one time, open streams and sockets among them. Default: 0.</summary>
    public int ConcurrencyMax { get; init; }

    /// <summary>Tasks that may wait or run at one time. Default: 0.</summary>
    public long LiveTasksMax { get; init; }

    /// <summary>The highest priority that its tasks may have, 1 to 10. Default: 0, which is 10.</summary>
    public int PriorityMax { get; init; }

    /// <summary>From then on the key opens nothing. Default: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What is wrong with these rights, each under the name of its field; empty: nothing.</summary>
    public IEnumerable<(string Field, string Fault)> FindFaults()
    {
        if (Scopes == KeyScopes.None)
        {
            yield return ("scopes", $"must name at least one of {string.Join(", ", KeyScopeWords.All)}");
        }

        if (RequestsPerMinute is < 0 or > 1_000_000)
        {
            yield return ("requests_per_minute", $"must be from 0 to 1000000; was {RequestsPerMinute}");
        }

        if (ConcurrencyMax is < 0 or > 100_000)
        {
            yield return ("concurrency_max", $"must be from 0 to 100000; was {ConcurrencyMax}");
        }

        if (LiveTasksMax is < 0 or > 1_000_000)
        {
            yield return ("live_tasks_max", $"must be from 0 to 1000000; was {LiveTasksMax}");
        }

        if (PriorityMax is < 0 or > 10)
        {
            yield return ("priority_max", $"must be from 1 to 10, or 0 for no ceiling; was {PriorityMax}");
        }
    }
}
