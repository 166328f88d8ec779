namespace Koubou.Scheduler.Tests.Stores;

public sealed class SqliteModelTests : QueueModel
{
    private protected override StoreEngine CreateEngine() => new SqliteEngine();
}
