using System.Threading.RateLimiting;
using Koubou.Gateway.Errors;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Keys;

/// <summary>
/// What one key may use of this gateway at a time. Nothing waits in line here: who is over a limit is told when to come
/// again. Several gateways each count for themselves.
/// </summary>
internal sealed class KeyLimits(string name, KeyRights rights) : IDisposable
{
    private static readonly TimeSpan SlotRetry = TimeSpan.FromSeconds(1);

    private readonly TokenBucketRateLimiter? _rate = rights.RequestsPerMinute == 0 ? null : new(new()
    {
        TokenLimit = rights.RequestsPerMinute,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / rights.RequestsPerMinute,
        QueueLimit = 0,
    });

    private readonly ConcurrencyLimiter? _held = rights.ConcurrencyMax == 0 ? null : new(new()
    {
        PermitLimit = rights.ConcurrencyMax,
        QueueLimit = 0,
    });

    /// <summary>One more request or message: null, or why it must wait.</summary>
    public Problem? Spend()
    {
        using var lease = Attempt(_rate);
        if (lease is null or { IsAcquired: true })
        {
            return null;
        }

        return Problems.RateExceeded(
            name,
            rights.RequestsPerMinute,
            lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromMinutes(1));
    }

    /// <summary>The same for something that is held open: its place is free again when disposed.</summary>
    public (IDisposable? Place, Problem? Problem) Enter()
    {
        if (Spend() is { } problem)
        {
            return (null, problem);
        }

        var lease = Attempt(_held);
        if (lease is null or { IsAcquired: true })
        {
            return (lease, null);
        }

        lease.Dispose();
        return (null, Problems.TooManyAtOnce(name, rights.ConcurrencyMax, SlotRetry));
    }

    public void Dispose()
    {
        _rate?.Dispose();
        _held?.Dispose();
    }

    // A request that came just before its key was revoked is broken off by other means.
    private static RateLimitLease? Attempt(RateLimiter? limiter)
    {
        try
        {
            return limiter?.AttemptAcquire();
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }
}
