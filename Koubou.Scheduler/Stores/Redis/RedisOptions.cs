namespace Koubou.Scheduler.Stores.Redis;

/// <summary>The shared engine. Section <c>Queue:Redis</c>. Its address is the connection string <c>redis</c>.</summary>
public sealed class RedisOptions
{
    public const string Section = "Queue:Redis";

    /// <summary>Schedulers with the same name share one queue. All its keys begin with <c>{koubou:NAME}:</c>. Default: main.</summary>
    public string Queue { get; set; } = "main";

    /// <summary>Steps whose events are kept for those who resume. From 1,000. Default: 200,000.</summary>
    public int EventStepsMax { get; set; } = 200_000;

    /// <summary>Events kept in memory for those who watch. Older ones are read from the server. Default: 16,384.</summary>
    public int EventsInMemory { get; set; } = 16_384;

    /// <summary>How long a start waits for the server. From 1 second to 5 minutes. Default: 5 seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a step waits for its answer. From 1 second to 5 minutes. Default: 10 seconds.</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A step whose connection broke is tried again for so long: each may safely come twice. From 0 to 1 minute.
    /// Default: 2 seconds.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(2);
}
