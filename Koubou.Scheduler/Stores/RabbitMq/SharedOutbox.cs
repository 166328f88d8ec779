using Koubou.Scheduler.Stores.Redis;

namespace Koubou.Scheduler.Stores.RabbitMq;

/// <summary>A key with an expiry in the Redis that holds the records.</summary>
internal sealed class SharedOutbox(RedisConnection connection) : IOutboxRole
{
    // A scheduler that is killed is followed by another after this.
    private static readonly TimeSpan Expiry = TimeSpan.FromSeconds(3);

    private readonly string _id = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private volatile bool _mine;

    public bool IsMine => _mine;

    private StackExchange.Redis.RedisKey Key => connection.Root.Append("outbox");

    public async Task TakeAsync()
    {
        try
        {
            _mine = await connection.RunAsync(async database =>
                await database.LockExtendAsync(Key, _id, Expiry) || await database.LockTakeAsync(Key, _id, Expiry));
        }
        catch (StoreUnusableException)
        {
            // Nothing happens in the record either.
            _mine = false;
        }
    }

    public async Task LeaveAsync()
    {
        _mine = false;
        try
        {
            await connection.RunAsync(database => database.LockReleaseAsync(Key, _id));
        }
        catch (StoreUnusableException)
        {
            // It expires.
        }
    }
}
