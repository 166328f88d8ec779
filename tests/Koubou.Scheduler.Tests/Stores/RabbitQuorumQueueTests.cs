namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitQuorumQueueTests : QueueContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnQuorumQueues(RabbitServer.Shared);
}
