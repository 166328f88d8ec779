using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>Says in plain words what is wrong with the server and what mends it.</summary>
internal static class RedisErrors
{
    public const string StartIt =
        "Start it with `redis-server --appendonly yes`, or name another in ConnectionStrings:redis.";

    /// <summary>The server does not answer.</summary>
    public static StoreUnusableException Unreachable(string address, Exception? error) =>
        new($"Redis does not answer at {address}. {StartIt}", error);

    /// <summary>The server answered with an error.</summary>
    public static StoreUnusableException Explain(RedisServerException error) => new(
        error.Message switch
        {
            var text when text.Contains("OOM", StringComparison.Ordinal) =>
                "Redis has used all its memory (maxmemory). Delete finished tasks, shorten Queue:Maintenance:Retention, or raise maxmemory.",
            var text when text.Contains("NOAUTH", StringComparison.Ordinal) || text.Contains("WRONGPASS", StringComparison.Ordinal) =>
                "Redis asks for another password. Put it into ConnectionStrings:redis, as in `host:6379,password=…`.",
            var text when text.Contains("MISCONF", StringComparison.Ordinal) =>
                "Redis cannot write its data to disk and refuses changes. Look at its log and at `df -h`.",
            var text when text.Contains("READONLY", StringComparison.Ordinal) =>
                "This Redis is a replica and takes no changes. Name its primary in ConnectionStrings:redis.",
            var text when text.Contains("LOADING", StringComparison.Ordinal) =>
                "Redis is still loading its data. It will answer when that is done.",
            var text when text.Contains("unknown command", StringComparison.OrdinalIgnoreCase) =>
                "This server knows no functions. Koubou needs Redis 7 or later.",
            _ => $"Redis failed: {error.Message}",
        },
        error);

    /// <summary>Whether the same command may succeed in a moment.</summary>
    public static bool IsPassing(RedisServerException error) =>
        error.Message.Contains("LOADING", StringComparison.Ordinal)
        || error.Message.Contains("BUSY", StringComparison.Ordinal)
        || error.Message.Contains("READONLY", StringComparison.Ordinal)
        || error.Message.Contains("CLUSTERDOWN", StringComparison.Ordinal)
        || error.Message.Contains("TRYAGAIN", StringComparison.Ordinal);

    public static bool IsFunctionMissing(RedisServerException error) =>
        error.Message.Contains("Function not found", StringComparison.OrdinalIgnoreCase);

    public static bool IsOutOfMemory(RedisServerException error) => error.Message.Contains("OOM", StringComparison.Ordinal);
}
