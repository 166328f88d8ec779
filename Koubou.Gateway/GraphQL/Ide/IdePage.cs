using System.Security.Cryptography;

namespace Koubou.Gateway.GraphQL.Ide;

/// <summary>A page to write and run queries in; it loads nothing from anywhere else.</summary>
internal static class IdePage
{
    private static readonly string Html = Load();

    /// <summary>Script and style are inside the page, let through by a word that is new for each answer.</summary>
    public static Task WriteAsync(HttpContext context)
    {
        var nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
            + "img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        return response.WriteAsync(Html.Replace("{nonce}", nonce, StringComparison.Ordinal), context.RequestAborted);
    }

    private static string Load()
    {
        using var stream = typeof(IdePage).Assembly.GetManifestResourceStream("ide.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
