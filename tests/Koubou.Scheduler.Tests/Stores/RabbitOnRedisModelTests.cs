namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitOnRedisModelTests : QueueModel
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnRedis(RabbitServer.Shared);
}
