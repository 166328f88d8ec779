namespace Koubou.Scheduler.Tests.Stores;

public sealed class SqliteDependencyTests : DependencyContract
{
    private protected override StoreEngine CreateEngine() => new SqliteEngine();
}
