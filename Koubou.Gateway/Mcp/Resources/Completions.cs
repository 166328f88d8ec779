using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;
using Koubou.Gateway.Scheduling;
using Koubou.ServiceDefaults.Keys;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Resources;

/// <summary>Completes what a person types: task ids, names of artifacts, batches, task types.</summary>
internal sealed class Completions(TaskQueue.TaskQueueClient scheduler, CallLimits limits, McpCaller callers)
{
    // The protocol's own bound.
    private const int ValuesMax = 100;
    private const int LookedAtMax = 200;

    public async ValueTask<CompleteResult> CompleteAsync(
        RequestContext<CompleteRequestParams> request, CancellationToken cancellationToken)
    {
        callers.Demand(request.Server.ClientInfo, KeyScopes.Read);
        var values = await ValuesAsync(request, cancellationToken);
        var typed = request.Params.Argument.Value;
        var matching = values
            .Where(value => value.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Distinct()
            .ToList();
        return new CompleteResult
        {
            Completion = new Completion
            {
                Values = [.. matching.Take(ValuesMax)],
                Total = matching.Count,
                HasMore = matching.Count > ValuesMax,
            },
        };
    }

    private async Task<IEnumerable<string>> ValuesAsync(
        RequestContext<CompleteRequestParams> request, CancellationToken cancellationToken) => request.Params.Argument.Name switch
    {
        "id" => (await NewestAsync(request.Server, cancellationToken)).Select(record => record.Id),
        "batch_id" => (await NewestAsync(request.Server, cancellationToken))
            .Select(record => record.Spec.BatchId.OrNull())
            .OfType<string>(),
        "name" => await ArtifactsAsync(request.Params.Context?.Arguments, cancellationToken),
        "type" => (await scheduler.ListTaskTypesAsync(new ListTaskTypesRequest(), limits.Brief(cancellationToken)))
            .Types_.Select(type => type.Name),
        _ => [],
    };

    private async Task<IEnumerable<TaskRecord>> NewestAsync(McpServer server, CancellationToken cancellationToken)
    {
        var list = new ListRequest { Client = callers.Of(server).Client, PageSize = LookedAtMax };
        return (await scheduler.ListAsync(list, limits.Brief(cancellationToken))).Tasks;
    }

    private async Task<IEnumerable<string>> ArtifactsAsync(
        IDictionary<string, string>? chosen, CancellationToken cancellationToken)
    {
        if (chosen?.TryGetValue("id", out var id) is not true)
        {
            return [];
        }

        var wait = new WaitRequest { Ids = { id }, Timeout = new Google.Protobuf.WellKnownTypes.Duration() };
        var reply = await scheduler.WaitAsync(wait, limits.Brief(cancellationToken));
        return reply.Tasks.SelectMany(record => record.Artifacts).Select(artifact => artifact.Name);
    }
}
