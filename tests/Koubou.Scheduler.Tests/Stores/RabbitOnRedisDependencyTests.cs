namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitOnRedisDependencyTests : DependencyContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnRedis(RabbitServer.Shared);
}
