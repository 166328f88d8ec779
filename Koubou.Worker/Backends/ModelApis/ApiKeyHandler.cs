namespace Koubou.Worker.Backends.ModelApis;

/// <summary>The one place that knows a backend's key: client libraries, which may log what they hold, never see it.</summary>
internal sealed class ApiKeyHandler(IModelApi api, string key, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        api.SetKey(request, key);
        return base.SendAsync(request, cancellationToken);
    }
}
