namespace Koubou.Scheduler.Tests.Stores;

public sealed class RabbitQuorumOrderTests : OrderContract
{
    private protected override StoreEngine CreateEngine() => RabbitEngine.OnQuorumQueues(RabbitServer.Shared);
}
