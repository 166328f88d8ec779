namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitOnRedisOrderTests : OrderContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnRedis(RabbitServer.Shared);
}
