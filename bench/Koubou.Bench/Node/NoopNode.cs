using Koubou.Worker.Nodes;

namespace Koubou.Bench.Node;

/// <summary>A worker node like any other, but for its craftsman.</summary>
internal static class NoopNode
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddWorkerNode(args).AddCraftsman<NoopCraftsman>("noop");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var app = builder.Build();
        await app.RunAsync();
    }
}
