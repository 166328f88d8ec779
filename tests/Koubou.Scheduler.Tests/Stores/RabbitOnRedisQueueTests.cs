namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitOnRedisQueueTests : QueueContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnRedis(RabbitServer.Shared);
}
