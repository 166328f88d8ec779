using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Extensions;

namespace Koubou.Gateway.GraphQL.Ide;

/// <summary>
/// A page to write and run queries in: GraphiQL where the build had npm, else a plain one that can do the same. Neither
/// loads anything from anywhere else.
/// </summary>
internal static class IdePage
{
    private static readonly string Html = IdeFiles.HasGraphiQl ? IdeFiles.Text("graphiql.html") : IdeFiles.Text("ide.html");

    /// <summary>Script and style are let through by a word that is new for each answer.</summary>
    public static Task WriteAsync(HttpContext context)
    {
        var nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; font-src data:; img-src data:; "
            + $"connect-src 'self' {Sockets(context.Request)}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        return response.WriteAsync(
            Html.Replace("{nonce}", nonce, StringComparison.Ordinal)
                .Replace("{version}", IdeFiles.Version, StringComparison.Ordinal),
            context.RequestAborted);
    }

    // Not every browser counts a WebSocket to the same host as 'self'.
    private static string Sockets(HttpRequest request) =>
        UriHelper.BuildAbsolute(request.IsHttps ? "wss" : "ws", request.Host);
}
