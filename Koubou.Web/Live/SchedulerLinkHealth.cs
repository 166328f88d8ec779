using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Koubou.Web.Live;

/// <summary>Degraded, never unhealthy, without the scheduler: the pages still open and say what is missing.</summary>
internal sealed class SchedulerLinkHealth(Workshop workshop) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var link = workshop.Current.Link;
        return Task.FromResult(link.State == LinkState.Live
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"The scheduler is not reached since {link.Since:u}; trying again."));
    }
}
