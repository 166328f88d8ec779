namespace Koubou.Gateway.Binding;

/// <summary>
/// What every answer tells a browser. Pages bring a policy of their own; whatever brings none is data, which may neither
/// run anything nor be framed.
/// </summary>
internal sealed class ResponseHeaders(RequestDelegate next)
{
    private const string DataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    private const string StayWithTls = "max-age=31536000";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(static state =>
        {
            Add((HttpContext)state);
            return Task.CompletedTask;
        }, context);
        return next(context);
    }

    private static void Add(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.TryAdd("Referrer-Policy", "same-origin");
        headers.TryAdd("X-Frame-Options", "DENY");
        headers.TryAdd("Content-Security-Policy", DataPolicy);

        // A browser that was told so by localhost would refuse every other program there.
        if (context.Request.IsHttps && !DoorAddress.IsLoopbackHost(context.Request.Host.Host))
        {
            headers.TryAdd("Strict-Transport-Security", StayWithTls);
        }
    }
}
