using Grpc.Core;
using Koubou.Contracts;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Koubou.Gateway.Scheduling;

/// <summary>Without its scheduler the gateway can serve nobody, so it is unhealthy until the scheduler answers.</summary>
internal sealed class SchedulerHealth(TaskQueue.TaskQueueClient scheduler, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var deadline = (time.GetUtcNow() + Patience).UtcDateTime;
            var status = await scheduler.GetStatusAsync(new StatusRequest(), null, deadline, cancellationToken);
            return HealthCheckResult.Healthy($"The scheduler answers; {status.Nodes} worker nodes are connected.");
        }
        catch (RpcException error)
        {
            return HealthCheckResult.Unhealthy($"The scheduler does not answer ({error.StatusCode}).");
        }
    }
}
