using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL.Transport;
using Koubou.Gateway.SignIn;

namespace Koubou.Gateway.Keys;

/// <summary>
/// Once keys are asked for, every path but the health probes needs one that is known, that grants what the endpoint
/// needs, and that is within its limits. When the key is revoked, what it holds open is broken off.
/// The dashboard takes the session cookie of its sign-in as well.
/// </summary>
internal sealed partial class KeyGuard(
    RequestDelegate next, KeyRing keys, SessionCookie session, ILogger<KeyGuard> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!keys.IsRequired || IsProbe(context.Request.Path) || SignInPath.Is(context.Request.Path))
        {
            return next(context);
        }

        var presented = PresentedKey.In(context.Request) ?? session.In(context.Request);
        if (presented is not null && keys.Find(presented) is { } key)
        {
            return LetInAsync(context, key);
        }

        // Browsers cannot set headers on a WebSocket; this protocol has a message for the key instead.
        if (presented is null && TransportSocket.IsSpokenIn(context))
        {
            return next(context);
        }

        if (SignInPath.LeadsFrom(context.Request))
        {
            context.Response.Redirect(SignInPath.For(context.Request));
            return Task.CompletedTask;
        }

        LogRefused(logger, context.Connection.RemoteIpAddress?.ToString(), context.Request.Path, presented is not null);
        context.Response.Headers.WWWAuthenticate = IsPage(context.Request)
            ? new string[] { "Basic realm=\"Koubou\", charset=\"UTF-8\"", "Bearer" }
            : "Bearer";
        return Problems.KeyMissing(given: presented is not null).WriteForDoorAsync(context);
    }

    private async Task LetInAsync(HttpContext context, HeldKey key)
    {
        var caller = new Caller(key.Name, key);
        context.Features.Set(caller);
        var (place, problem) = key.Limits.Enter();
        using (place)
        {
            if ((problem ?? caller.Lacks(NeededScope.Of(context))) is { } refusal)
            {
                LogOverstepped(logger, key.Name, context.Request.Path, refusal.Type);
                await refusal.WriteForDoorAsync(context);
                return;
            }

            await using var gone = key.Gone.UnsafeRegister(static open => BreakOff((HttpContext)open!), context);
            await next(context);
        }
    }

    // Streams and sockets. A request that has not been answered yet may end in order: perhaps it is the one that revokes.
    private static void BreakOff(HttpContext open)
    {
        if (open.Response.HasStarted)
        {
            open.Abort();
        }
    }

    private static bool IsProbe(PathString path) =>
        path.Equals("/health", StringComparison.OrdinalIgnoreCase)
        || path.Equals("/alive", StringComparison.OrdinalIgnoreCase);

    private static bool IsPage(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(LogLevel.Warning, "Refused {Address} at {Path}: no valid API key (key given: {Given})")]
    private static partial void LogRefused(ILogger logger, string? address, string path, bool given);

    [LoggerMessage(LogLevel.Information, "Refused the key {Key} at {Path}: {Reason}")]
    private static partial void LogOverstepped(ILogger logger, string key, string path, string reason);
}
