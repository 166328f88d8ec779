namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitDependencyTests : DependencyContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnSqlite(RabbitServer.Shared);
}
