using Koubou.Contracts;
using Koubou.Scheduler.Dispatch;

namespace Koubou.Scheduler.Peers;

/// <summary>For an engine that serves one scheduler.</summary>
internal sealed class NoPeers : IPeers, IDisposable
{
    public IReadOnlyList<WorkerNode> Nodes => [];

    public ValueTask<IReadOnlyList<Setting>> ReadSettingsAsync() => ValueTask.FromResult<IReadOnlyList<Setting>>([]);

    public ValueTask<bool> TryClaimAsync(NodeSession session) => ValueTask.FromResult(true);

    public ValueTask ReleaseAsync(NodeSession session) => ValueTask.CompletedTask;

    public IDisposable WatchOutput(string taskId) => this;

    public void Tell(string taskId, int attempt, OutputChunk chunk)
    {
    }

    public void Tell(string taskId, int attempt, string progress)
    {
    }

    public void Tell(ControlNodeRequest wish)
    {
    }

    public void Dispose()
    {
    }
}
