using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Koubou.Worker.Backends;

/// <summary>Degraded, with the sentence that tells what to do, while a backend is not well.</summary>
internal sealed class BackendHealthCheck(BackendSet backends) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var ill = backends.Describe().Where(backend => !backend.Healthy).Select(backend => backend.Detail).ToList();
        return Task.FromResult(ill.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded(string.Join(' ', ill)));
    }
}
