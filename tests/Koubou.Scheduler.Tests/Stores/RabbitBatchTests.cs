namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitBatchTests : BatchContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnSqlite(RabbitServer.Shared);
}
