namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitOnRedisBatchTests : BatchContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnRedis(RabbitServer.Shared);
}
