using Koubou.Contracts;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Scheduling;
using Koubou.ServiceDefaults.Keys;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Resources;

/// <summary>Lists the client's newest answers as resources, for menus such as the one behind <c>@</c>.</summary>
internal sealed class ResourceLists(TaskQueue.TaskQueueClient scheduler, CallLimits limits, McpCaller callers)
{
    private const int ListedMax = 20;

    public async ValueTask<ListResourcesResult> ListAsync(
        RequestContext<ListResourcesRequestParams> request, CancellationToken cancellationToken)
    {
        var list = new ListRequest
        {
            Client = callers.Demand(request.Server.ClientInfo, KeyScopes.Read).Client,
            PageSize = ListedMax,
            States = { TaskState.Succeeded },
        };
        var reply = await scheduler.ListAsync(list, limits.Brief(cancellationToken));
        return new ListResourcesResult
        {
            Resources =
            [
                .. reply.Tasks.Select(record => new Resource
                {
                    Uri = TaskUris.Output(record.Id),
                    Name = record.Id,
                    Title = TextWeight.Title(record.Spec.Prompt),
                    Description = $"Answer of a task of type {record.Spec.Type}.",
                    MimeType = "text/plain",
                    Size = record.OutputBytes,
                }),
            ],
        };
    }
}
