using Google.Protobuf;
using Koubou.Gateway.Keys;
using Koubou.ServiceDefaults.Keys;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Koubou.Gateway.Proxy;

/// <summary>
/// Tells the dashboard who reads and what the key allows. What a browser sends under these names never passes. The names
/// are those of Koubou.Web/Security/Rights.cs.
/// </summary>
internal static class ReaderHeaders
{
    private const string Name = "X-Koubou-Key";
    private const string Scopes = "X-Koubou-Scopes";
    private const string CallerToken = "X-Koubou-Caller";

    public static void AddReaderHeaders(this TransformBuilderContext transforms)
    {
        foreach (var header in (string[])[Name, Scopes, CallerToken])
        {
            transforms.AddRequestHeaderRemove(header);
        }

        transforms.AddRequestTransform(context =>
        {
            var headers = context.ProxyRequest.Headers;
            if (context.HttpContext.Features.Get<Caller>() is { Key: { } key } caller)
            {
                // A name may hold letters that a header cannot.
                headers.Add(Name, Uri.EscapeDataString(caller.Client));
                headers.Add(Scopes, string.Join(' ', key.Rights.Scopes.ToWords()));
                headers.Add(CallerToken, Convert.ToBase64String(caller.ToContract()!.ToByteArray()));
            }

            return ValueTask.CompletedTask;
        });
    }
}
