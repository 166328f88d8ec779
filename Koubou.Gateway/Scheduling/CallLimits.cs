using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Scheduling;

/// <summary>Gives every call to the scheduler an end.</summary>
internal sealed class CallLimits(TimeProvider time, IOptions<SchedulingOptions> options)
{
    /// <summary>For calls that the scheduler answers at once.</summary>
    public CallOptions Brief(CancellationToken cancellationToken) => Within(TimeSpan.Zero, cancellationToken);

    /// <summary>For calls that the scheduler may hold for that long.</summary>
    public CallOptions Within(TimeSpan wait, CancellationToken cancellationToken) => new(
        deadline: (time.GetUtcNow() + wait + options.Value.SchedulerTimeout).UtcDateTime,
        cancellationToken: cancellationToken);
}
