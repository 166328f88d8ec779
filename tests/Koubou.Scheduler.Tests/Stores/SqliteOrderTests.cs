namespace Koubou.Scheduler.Tests.Stores;

public sealed class SqliteOrderTests : OrderContract
{
    private protected override StoreEngine CreateEngine() => new SqliteEngine();
}
