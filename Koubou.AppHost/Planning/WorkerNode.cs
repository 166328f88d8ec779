using Microsoft.Extensions.Configuration;

namespace Koubou.AppHost.Planning;

/// <summary>A worker node and the most craftsmen it may have.</summary>
internal sealed record WorkerNode(string Name, int MaxWorkers)
{
    // One machine runs up to eight craftsmen; a published workshop has no such limit, only a sane one.
    private const int WorkersMaxHere = 8;
    private const int WorkersMaxPublished = 1024;
    private const int NodesMaxHere = 8;
    private const int NodesMaxPublished = 64;

    /// <summary>
    /// Shares <c>Koubou:Workers:MaxWorkers</c> (8; <c>--max-workers</c> goes first) among
    /// <c>Koubou:Workers:Nodes</c> (2). With fewer craftsmen than nodes there are fewer nodes.
    /// </summary>
    public static IReadOnlyList<WorkerNode> Read(IConfiguration configuration, bool publishing)
    {
        var key = configuration["max-workers"] is null ? "Koubou:Workers:MaxWorkers" : "max-workers";
        var workers = Setting.ReadNumber(
            key, configuration[key], WorkersMaxHere, 1, publishing ? WorkersMaxPublished : WorkersMaxHere);
        var nodes = Setting.ReadNumber(
            "Koubou:Workers:Nodes", configuration["Koubou:Workers:Nodes"], 2, 1,
            publishing ? NodesMaxPublished : NodesMaxHere);
        return Share(Math.Min(nodes, workers), workers);
    }

    private static List<WorkerNode> Share(int nodes, int workers) =>
    [
        .. Enumerable.Range(0, nodes).Select(node => new WorkerNode(
            $"worker-{node + 1:00}", (workers / nodes) + (node < workers % nodes ? 1 : 0))),
    ];
}
