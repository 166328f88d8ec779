using Koubou.Gateway.Errors;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Binding;

/// <summary>
/// While only loopback is bound, every request must name this machine. A page whose DNS name was re-pointed to
/// 127.0.0.1 (DNS rebinding) still sends its own name in Host, and is refused here. Where others can reach a door, its
/// names are whatever they are, unless configuration lists them.
/// </summary>
internal sealed class HostGuard(RequestDelegate next, DoorPlan plan, IOptions<OriginOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        var anyName = !plan.IsLoopback && _allowed.Count == 0;
        return anyName || DoorAddress.IsLoopbackHost(host) || _allowed.Contains(host)
            ? next(context)
            : Problems.ForeignHost(context.Request.Host.Value ?? "").WriteForDoorAsync(context);
    }
}
