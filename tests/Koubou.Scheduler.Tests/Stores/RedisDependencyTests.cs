namespace Koubou.Scheduler.Tests.Stores;

public sealed class RedisDependencyTests : DependencyContract
{
    private protected override StoreEngine CreateEngine() => new RedisEngine(RedisServer.Shared);
}
