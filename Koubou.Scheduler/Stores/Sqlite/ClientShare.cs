namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// What one client has waiting at one priority, in all lanes, and its tag: its place in the line of clients, as
/// <see cref="Rules.OrderRules"/> tells.
/// </summary>
internal sealed class ClientShare(string client)
{
    public string Client => client;

    /// <summary>The smallest goes next; no two clients have the same.</summary>
    public long Tag { get; set; }

    public long Waiting { get; set; }
}
