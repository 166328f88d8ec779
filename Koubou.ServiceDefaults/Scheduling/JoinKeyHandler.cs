namespace Koubou.ServiceDefaults.Scheduling;

/// <summary>Shows the join key with each call.</summary>
internal sealed class JoinKeyHandler(string joinKey) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation(JoinKey.Header, joinKey);
        return base.SendAsync(request, cancellationToken);
    }
}
