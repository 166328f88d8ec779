using Koubou.Contracts;

namespace Koubou.Worker.Backends.Privacy;

/// <summary>
/// The last check of every request to a backend: for the task at hand, to the backend's own address and to no other one.
/// Redirects are never followed.
/// </summary>
internal sealed class PolicyHandler(
    string backend, Uri endpoint, Zone zone, ZoneMap zones, PolicyAudit audit, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var scope = CallScope.Current;
        var taskId = scope?.TaskId ?? "";
        // Whoever forgets to say for whom it is gets the strictest policy.
        var policy = scope?.Policy ?? DataPolicy.Local;
        if (!policy.Admits(zone))
        {
            throw audit.RefuseZone(taskId, policy, $"backend '{backend}' at {endpoint.Authority}", zone);
        }

        if (request.RequestUri is not { } uri || uri.Authority != endpoint.Authority || uri.Scheme != endpoint.Scheme)
        {
            throw audit.Refuse(taskId, request.RequestUri?.Authority ?? "nowhere",
                $"Backend '{backend}' lives at {endpoint.Authority}; a request to another address is refused.");
        }

        var response = await base.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } location)
        {
            RefuseRedirect(taskId, location);
        }

        return response;
    }

    private void RefuseRedirect(string taskId, Uri location)
    {
        var target = location.IsAbsoluteUri ? location : new Uri(endpoint, location);
        if (target.Authority != endpoint.Authority || zones.ZoneOf(target) > zone)
        {
            throw audit.Refuse(taskId, target.Authority,
                $"Backend '{backend}' at {endpoint.Authority} answered with a redirect to {target.Authority}. "
                + "A redirect could carry a task's content out of its zone, so it is never followed.");
        }
    }
}
