namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitModelTests : QueueModel
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnSqlite(RabbitServer.Shared);
}
