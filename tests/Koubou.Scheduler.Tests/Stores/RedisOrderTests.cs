namespace Koubou.Scheduler.Tests.Stores;

public sealed class RedisOrderTests : OrderContract
{
    private protected override StoreEngine CreateEngine() => new RedisEngine(RedisServer.Shared);
}
