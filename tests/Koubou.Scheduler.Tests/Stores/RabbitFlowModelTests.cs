namespace Koubou.Scheduler.Tests.Stores;

/// <summary>Claims flow from the first one on, so that flows begin and end in the midst of everything else.</summary>
public sealed class RabbitFlowModelTests : QueueModel
{
    private protected override StoreEngine CreateEngine() =>
        new RabbitEngine(RabbitServer.Shared, new SqliteEngine()) { FlowFrom = 1 };
}
