namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>Where the records of tasks are kept, beside the broker.</summary>
public enum RecordStore
{
    /// <summary>A file; one scheduler.</summary>
    Sqlite,

    /// <summary>A Redis server; several schedulers.</summary>
    Redis,
}

/// <summary>
/// The engine with a broker. Section <c>Queue:RabbitMq</c>. Its address is the connection string <c>rabbitmq</c>.
/// </summary>
public sealed class RabbitMqOptions
{
    public const string Section = "Queue:RabbitMq";

    /// <summary>
    /// Schedulers with the same name share one queue; what it has in the broker begins with <c>koubou.NAME.</c>.
    /// Default: main.
    /// </summary>
    public string Queue { get; set; } = "main";

    /// <summary>Where records are: <c>Sqlite</c> for one scheduler, <c>Redis</c> for several. Default: Sqlite.</summary>
    public RecordStore Records { get; set; }

    /// <summary>Whether a cluster replicates the queues (quorum queues). Default: false, classic queues.</summary>
    public bool Quorum { get; set; }

    /// <summary>How long a start waits for the broker. From 1 second to 5 minutes. Default: 5 seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a submit waits for the broker's confirmation. It is answered all the same then: its record is kept, and
    /// the message follows. From 0 to 1 minute. Default: 2 seconds.
    /// </summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A connection that is silent for about twice so long is given up. From 1 second to 5 minutes. Default: 10 seconds.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Tasks that may be queued while the broker is away or takes nothing; more are refused as those of a full queue.
    /// From 0. Default: 100,000.
    /// </summary>
    public int OutboxMax { get; set; } = 100_000;

    /// <summary>
    /// Pause between two comparisons of record and broker. From 100 milliseconds to 5 minutes. Default: 2 seconds.
    /// </summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(2);
}
