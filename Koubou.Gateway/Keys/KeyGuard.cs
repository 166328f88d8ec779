using System.Net.Http.Headers;
using System.Text;
using Koubou.Gateway.Errors;

namespace Koubou.Gateway.Keys;

/// <summary>
/// Once keys are set, every path but the health probes needs one: <c>Authorization: Bearer KEY</c> or
/// <c>X-Api-Key: KEY</c>. Browsers, which can send neither for a page, may give it as the password of HTTP Basic.
/// </summary>
internal sealed partial class KeyGuard(RequestDelegate next, KeyRing keys, ILogger<KeyGuard> logger)
{
    private const string KeyHeader = "X-Api-Key";

    public Task InvokeAsync(HttpContext context)
    {
        if (keys.IsEmpty || IsProbe(context.Request.Path))
        {
            return next(context);
        }

        var presented = Presented(context.Request);
        if (presented is not null && keys.NameOf(presented) is { } name)
        {
            context.Features.Set(new Caller(name));
            return next(context);
        }

        LogRefused(logger, context.Connection.RemoteIpAddress?.ToString(), context.Request.Path, presented is not null);
        context.Response.Headers.WWWAuthenticate = IsPage(context.Request)
            ? new string[] { "Basic realm=\"Koubou\", charset=\"UTF-8\"", "Bearer" }
            : "Bearer";
        return Problems.KeyMissing(given: presented is not null).WriteAsync(context);
    }

    private static bool IsProbe(PathString path) =>
        path.Equals("/health", StringComparison.OrdinalIgnoreCase)
        || path.Equals("/alive", StringComparison.OrdinalIgnoreCase);

    private static bool IsPage(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static string? Presented(HttpRequest request)
    {
        if (request.Headers[KeyHeader].ToString() is { Length: > 0 } key)
        {
            return key;
        }

        return AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            ? header.Scheme.ToUpperInvariant() switch
            {
                "BEARER" => header.Parameter,
                "BASIC" => Password(header.Parameter),
                _ => null,
            }
            : null;
    }

    private static string? Password(string? basic)
    {
        var bytes = new byte[basic?.Length ?? 0];
        if (!Convert.TryFromBase64String(basic ?? "", bytes, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }

    [LoggerMessage(LogLevel.Warning, "Refused {Address} at {Path}: no valid API key (key given: {Given})")]
    private static partial void LogRefused(ILogger logger, string? address, string path, bool given);
}
