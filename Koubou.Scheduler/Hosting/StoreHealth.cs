using Koubou.Scheduler.Stores;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Koubou.Scheduler.Hosting;

/// <summary>Whether the queue can be read and written.</summary>
internal sealed class StoreHealth(IQueueStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.ListAsync(new Contracts.ListRequest { PageSize = 1 }, cancellationToken);
            return HealthCheckResult.Healthy($"{store.Name} answers");
        }
        catch (StoreUnusableException error)
        {
            return HealthCheckResult.Unhealthy(error.Message);
        }
    }
}
