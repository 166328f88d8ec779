using Koubou.Contracts;
using Koubou.Worker.Backends.Privacy;

namespace Koubou.Worker.Backends.Http;

/// <summary>Makes the HTTP client of a backend: guarded, never redirected, its faults told in plain words.</summary>
internal sealed class BackendHttp(ZoneMap zones, IHostResolver resolver, PolicyAudit audit)
{
    /// <summary>The client of one backend; whoever gets it disposes it.</summary>
    /// <param name="name">The backend's name.</param>
    /// <param name="endpoint">Where all its requests go.</param>
    /// <param name="zone">The zone that its connections may not leave.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="faults">What its refusals mean.</param>
    /// <param name="outermost">Wraps the handlers, for example to add a key. Null: nothing does.</param>
    public HttpClient NewClient(
        string name, Uri endpoint, Zone zone, BackendOptions options, BackendFaults faults,
        Func<HttpMessageHandler, HttpMessageHandler>? outermost = null)
    {
        var sockets = new SocketsHttpHandler
        {
            ConnectCallback = new GuardedConnect(name, zone, zones, resolver, audit).ConnectAsync,
            ConnectTimeout = options.ProbeTimeout,
            // An answer that nobody wants any more is not read to its end: closing the connection stops the model.
            ResponseDrainTimeout = TimeSpan.Zero,
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // A redirect, a proxy or a cookie could carry a task's content to a place that nobody checked.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = zone == Zone.Cloud,
        };
        HttpMessageHandler handler = new PolicyHandler(name, endpoint, zone, zones, audit, sockets);
        handler = new FaultHandler(faults, options.RetryAfter, handler);
        return new HttpClient(outermost is null ? handler : outermost(handler))
        {
            BaseAddress = endpoint,
            // Each call has its own bound: the attempt's timeout, or the probe's.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The zone of an endpoint: what the settings say, else what its address promises.</summary>
    public Zone ZoneOf(BackendOptions options, Uri endpoint) => options.Zone ?? zones.ZoneOf(endpoint);
}
