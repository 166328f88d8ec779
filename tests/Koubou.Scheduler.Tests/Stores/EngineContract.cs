using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>Tests that every engine passes. An engine's own class says only which it is.</summary>
public abstract class EngineContract
{
    private protected abstract StoreEngine CreateEngine();

    private protected Task<QueueHarness> StartAsync(SubmitLimits? limits = null) =>
        QueueHarness.StartAsync(CreateEngine(), limits);
}
