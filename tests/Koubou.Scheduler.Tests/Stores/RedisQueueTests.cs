namespace Koubou.Scheduler.Tests.Stores;

/// <summary>The contract on a real server, and what this engine alone promises.</summary>
public sealed class RedisQueueTests : QueueContract
{
    private protected override StoreEngine CreateEngine() => new RedisEngine(RedisServer.Shared);
}
