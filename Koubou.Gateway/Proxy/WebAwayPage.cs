using System.Security.Cryptography;
using Koubou.Gateway.Errors;
using Yarp.ReverseProxy.Forwarder;

namespace Koubou.Gateway.Proxy;

/// <summary>Says in plain words that the dashboard's own service is away, instead of an empty 502.</summary>
internal sealed partial class WebAwayPage(RequestDelegate next, ILogger<WebAwayPage> logger)
{
    private static readonly string Html = Load();

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
        var isJapanese = ReaderLanguage.IsJapanese(context.Request);
        var nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var response = context.Response;
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.RetryAfter = "3";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
            + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        return response.WriteAsync(
            Html.Replace("{language}", isJapanese ? "ja" : "en", StringComparison.Ordinal)
                .Replace("{title}", isJapanese ? "ダッシュボードが応答しません" : "The dashboard is away", StringComparison.Ordinal)
                .Replace("{text}", isJapanese
                    ? "ゲートウェイは動いていますが、ダッシュボードのサービス（Koubou.Web）が応答しません。"
                        + "起動中か、停止しています。タスクはそのまま続きます。"
                    : "The gateway runs, but the dashboard's own service (Koubou.Web) does not answer: "
                        + "it is still starting, or it has stopped. Tasks go on all the same.", StringComparison.Ordinal)
                .Replace("{hint}", isJapanese
                    ? "このページは 3 秒ごとに自動で確かめます。詳しくはログ <code>.koubou/logs/web.log</code> を、"
                        + "ゲートウェイの全機能は <a href=\"/docs\">/docs</a> をご覧ください。"
                    : "This page tries again every three seconds. The log <code>.koubou/logs/web.log</code> says more; "
                        + "all endpoints of the gateway are at <a href=\"/docs\">/docs</a>.", StringComparison.Ordinal)
                .Replace("{nonce}", nonce, StringComparison.Ordinal),
            context.RequestAborted);
    }

    private static string Load()
    {
        using var stream = typeof(WebAwayPage).Assembly.GetManifestResourceStream("web-away.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static Problem Away() => Problems.OfStatus(
        StatusCodes.Status503ServiceUnavailable,
        "The dashboard's own service (Koubou.Web) does not answer.",
        "It is still starting, or it has stopped: .koubou/logs/web.log says more. Tasks go on all the same.");

    [LoggerMessage(LogLevel.Warning, "The dashboard did not answer at {Path}: {Error} {Message}")]
    private static partial void LogWebAway(ILogger logger, string path, string? error, string? message);
}
