namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// What one client has waiting at one priority, in all lanes, and when its next turn comes. The tags are those of
/// <see cref="Rules.OrderRules"/>.
/// </summary>
internal sealed class ClientShare(string client)
{
    public string Client => client;

    /// <summary>The tag of its next task.</summary>
    public long Tag { get; set; }

    /// <summary>The tag of the last one that was taken; 0: none.</summary>
    public long TakenTag { get; set; }

    public long Waiting { get; set; }
}
