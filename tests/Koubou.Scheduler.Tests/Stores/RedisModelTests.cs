namespace Koubou.Scheduler.Tests.Stores;

public sealed class RedisModelTests : QueueModel
{
    private protected override StoreEngine CreateEngine() => new RedisEngine(RedisServer.Shared);
}
