namespace Koubou.Scheduler.Tests.Stores;

public sealed class SqliteBatchTests : BatchContract
{
    private protected override StoreEngine CreateEngine() => new SqliteEngine();
}
