namespace Koubou.Scheduler.Tests.Stores;

public sealed class RedisBatchTests : BatchContract
{
    private protected override StoreEngine CreateEngine() => new RedisEngine(RedisServer.Shared);
}
