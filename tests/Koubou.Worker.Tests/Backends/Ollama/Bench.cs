using Koubou.OllamaStandIn;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Backends.Ollama;

/// <summary>An Ollama stand-in, a scripted scheduler, and a node between them.</summary>
internal sealed class Bench(StandInServer ollama, ScriptedScheduler scheduler, NodeHarness node, SchedulerSession session)
    : IAsyncDisposable
{
    public StandInServer Ollama => ollama;

    public SchedulerSession Session => session;

    public static async Task<Bench> StartAsync(
        Action<Dictionary<string, string?>>? settings = null, Action<StandInServer, ScriptedScheduler>? prepare = null,
        TimeProvider? clock = null)
    {
        var ollama = await StandInServer.StartAsync();
        ollama.AddModel("gemma2:2b");
        var scheduler = await ScriptedScheduler.StartAsync();
        prepare?.Invoke(ollama, scheduler);
        var node = await NodeHarness.StartAsync(
            scheduler, NodeHarness.With(ollama) + settings, clock: clock);
        return new Bench(ollama, scheduler, node, await scheduler.SessionAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await scheduler.DisposeAsync();
        await ollama.DisposeAsync();
    }
}
