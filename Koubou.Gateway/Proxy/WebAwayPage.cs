using Koubou.Gateway.Errors;
using Yarp.ReverseProxy.Forwarder;

namespace Koubou.Gateway.Proxy;

/// <summary>Says in plain words that the dashboard's own service is away, instead of an empty 502.</summary>
internal sealed partial class WebAwayPage(RequestDelegate next, ILogger<WebAwayPage> logger)
{
    private const string Page = """
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta http-equiv="refresh" content="3">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>Koubou: the dashboard is away</title>
          <style>body{font:16px/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}</style>
        </head>
        <body>
          <h1>The dashboard is away</h1>
          <p>The gateway runs, but the dashboard's own service (Koubou.Web) does not answer: it is still starting, or it
          has stopped. Tasks go on all the same.</p>
          <p>This page tries again every three seconds. The log <code>.koubou/logs/web.log</code> says more; all
          endpoints of the gateway are at <a href="/docs">/docs</a>.</p>
        </body>
        </html>
        """;

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        var error = context.Features.Get<IForwarderErrorFeature>();
        var away = error is not null || context.Response.StatusCode == StatusCodes.Status503ServiceUnavailable;
        if (!away || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        LogWebAway(logger, context.Request.Path, error?.Error.ToString(), error?.Exception?.Message);
        context.Response.Clear();
        await (WantsPage(context.Request) ? WritePageAsync(context) : Away().WriteAsync(context));
    }

    private static bool WantsPage(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static Task WritePageAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.RetryAfter = "3";
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        return context.Response.WriteAsync(Page, context.RequestAborted);
    }

    private static Problem Away() => Problems.OfStatus(
        StatusCodes.Status503ServiceUnavailable,
        "The dashboard's own service (Koubou.Web) does not answer.",
        "It is still starting, or it has stopped: .koubou/logs/web.log says more. Tasks go on all the same.");

    [LoggerMessage(LogLevel.Warning, "The dashboard did not answer at {Path}: {Error} {Message}")]
    private static partial void LogWebAway(ILogger logger, string path, string? error, string? message);
}
