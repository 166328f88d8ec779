namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>The embedded database. Section <c>Queue:Sqlite</c>.</summary>
public sealed class SqliteOptions
{
    public const string Section = "Queue:Sqlite";

    /// <summary>The database file. Default: <c>db/koubou.db</c> in the workshop's home.</summary>
    public string File { get; set; } = "";

    /// <summary>
    /// How long a lease may wait for another write to share its commit with. Its loss would cost a second delivery,
    /// never a task. From 0 to 1 second. Default: 20 milliseconds.
    /// </summary>
    public TimeSpan LeaseCommitDelay { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Memory for specs of waiting tasks, so that most need not be read again. Default: 64 MiB.</summary>
    public int SpecCacheBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Above this many bytes of data submits are refused until finished tasks are removed; a quarter more is kept for
    /// answers and removals. From 1 MiB; 0: as much as the disk has. Default: 0.
    /// </summary>
    public long BytesMax { get; set; }

    /// <summary>Events kept in memory for those who watch. Older ones are read from disk. Default: 16,384.</summary>
    public int EventsInMemory { get; set; } = 16_384;
}
