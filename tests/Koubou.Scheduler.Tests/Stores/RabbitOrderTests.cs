namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitOrderTests : OrderContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnSqlite(RabbitServer.Shared);
}
