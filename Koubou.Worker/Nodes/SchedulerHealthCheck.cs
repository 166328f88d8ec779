using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Koubou.Worker.Nodes;

/// <summary>Healthy while a scheduler has welcomed this node.</summary>
internal sealed class SchedulerHealthCheck(NodeConnection connection) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(connection.IsConnected
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"No scheduler: {connection.Trouble}"));
}
