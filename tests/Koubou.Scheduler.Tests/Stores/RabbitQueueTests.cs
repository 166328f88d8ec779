namespace Koubou.Scheduler.Tests.Stores;

/// <summary>The contract on a real broker with records in a file.</summary>
public sealed class RabbitQueueTests : QueueContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnSqlite(RabbitServer.Shared);
}
