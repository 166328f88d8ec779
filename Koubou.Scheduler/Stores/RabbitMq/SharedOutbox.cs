using Koubou.Scheduler.Stores.Redis;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>A key with an expiry in the Redis that holds the records.</summary>
internal sealed class SharedOutbox(RedisConnection connection) : IOutboxRole
{
    // A scheduler that is killed is followed by another after this.
    private static readonly TimeSpan Expiry = TimeSpan.FromSeconds(3);

    private readonly string id = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private volatile bool mine;

    public bool IsMine => mine;

    private StackExchange.Redis.RedisKey Key => connection.Root.Append("outbox");

    public async Task TakeAsync()
    {
        try
        {
            mine = await connection.RunAsync(async database =>
                await database.LockExtendAsync(Key, id, Expiry) || await database.LockTakeAsync(Key, id, Expiry));
        }
        catch (StoreUnusableException)
        {
            // Nothing happens in the record either.
            mine = false;
        }
    }

    public async Task LeaveAsync()
    {
        mine = false;
        try
        {
            await connection.RunAsync(database => database.LockReleaseAsync(Key, id));
        }
        catch (StoreUnusableException)
        {
            // It expires.
        }
    }
}
