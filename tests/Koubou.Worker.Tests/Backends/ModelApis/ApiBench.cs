using Koubou.ModelApiStandIn;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Backends.ModelApis;

/// <summary>A model server named <c>box</c>, a scripted scheduler, and a node between them.</summary>
internal sealed class ApiBench(ModelApiServer server, ScriptedScheduler scheduler, NodeHarness node, SchedulerSession session)
    : IAsyncDisposable
{
    public ModelApiServer Server => server;

    public NodeHarness Node => node;

    public SchedulerSession Session => session;

    public static async Task<ApiBench> StartAsync(
        string kind, Action<Dictionary<string, string?>>? settings = null, Action<ModelApiServer>? prepare = null)
    {
        var server = await ModelApiServer.StartAsync(kind == "anthropic" ? new AnthropicFormat() : new OpenAIFormat());
        server.Models.AddRange(["small", "large"]);
        prepare?.Invoke(server);
        var scheduler = await ScriptedScheduler.StartAsync();
        var node = await NodeHarness.StartAsync(scheduler, values =>
        {
            values.AddBackend("box", kind, server);
            settings?.Invoke(values);
        });
        return new ApiBench(server, scheduler, node, await scheduler.SessionAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await scheduler.DisposeAsync();
        await server.DisposeAsync();
    }
}
