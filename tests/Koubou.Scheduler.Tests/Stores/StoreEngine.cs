using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>One queue of an engine, which a test opens as often as it likes. Removed at the end.</summary>
internal abstract class StoreEngine : IAsyncDisposable
{
    /// <summary>A store on the queue, not opened yet.</summary>
    public abstract IQueueStore Create(QueueHarness harness);

    public abstract ValueTask DisposeAsync();
}
