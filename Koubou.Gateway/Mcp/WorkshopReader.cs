using Koubou.Contracts;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Scheduling;

namespace Koubou.Gateway.Mcp;

/// <summary>Asks the scheduler for everything that a glance at the workshop shows.</summary>
internal sealed class WorkshopReader(TaskQueue.TaskQueueClient scheduler, CallLimits limits)
{
    public async Task<WorkshopReply> ReadAsync(CancellationToken cancellationToken)
    {
        var options = limits.Brief(cancellationToken);
        return WorkshopReply.Of(
            await scheduler.GetStatusAsync(new StatusRequest(), options),
            await scheduler.ListWorkersAsync(new ListWorkersRequest(), options),
            await scheduler.ListTaskTypesAsync(new ListTaskTypesRequest(), options));
    }
}
