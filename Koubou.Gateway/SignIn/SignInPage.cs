using System.Net;
using System.Security.Cryptography;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Proxy;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.SignIn;

/// <summary>One field for a key; no script, nothing from elsewhere.</summary>
internal static class SignInPage
{
    private const string To = "to";
    private const string Key = "key";
    private const string Seen = "seen";
    private const long FormBytesMax = 16 * 1024;
    private static readonly string Html = Load();

    /// <summary>
    /// Whoever comes by a link on another site has the cookie, but the browser does not send it on that first step: the
    /// page then asks itself once more, and who is signed in goes on without seeing it.
    /// </summary>
    public static Task ShowAsync(HttpContext context, KeyRing keys, SessionCookie cookie)
    {
        var to = SignInPath.Safe(context.Request.Query[To]);
        if (!keys.IsRequired || (cookie.In(context.Request) is { } key && keys.Find(key) is not null))
        {
            context.Response.Redirect(to);
            return Task.CompletedTask;
        }

        var isFirst = !context.Request.Query.ContainsKey(Seen);
        return WriteAsync(context, to, isWrong: false, isFirst);
    }

    public static async Task BeginAsync(HttpContext context, KeyRing keys, SessionCookie cookie)
    {
        if (!context.Request.HasFormContentType || context.Request.ContentLength is null or > FormBytesMax)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var to = SignInPath.Safe(form[To]);
        var key = form[Key].ToString().Trim();
        if (keys.Find(key) is not { } held || !held.Rights.Scopes.Grants(KeyScopes.Read))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await WriteAsync(context, to, isWrong: true, isFirst: false);
            return;
        }

        cookie.Write(context, key);
        context.Response.Redirect(to);
    }

    public static IResult End(HttpContext context)
    {
        SessionCookie.Clear(context);
        return Results.Redirect($"{SignInPath.Page}?{Seen}=1");
    }

    private static Task WriteAsync(HttpContext context, string to, bool isWrong, bool isFirst)
    {
        var isJapanese = ReaderLanguage.IsJapanese(context.Request);
        var again = $"{SignInPath.Page}?{Seen}=1&{To}={Uri.EscapeDataString(to)}";
        var nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "same-origin";
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        return response.WriteAsync(
            Html.Replace("{language}", isJapanese ? "ja" : "en", StringComparison.Ordinal)
                .Replace("{title}", isJapanese ? "サインイン" : "Sign in", StringComparison.Ordinal)
                .Replace("{label}", isJapanese ? "API キー" : "API key", StringComparison.Ordinal)
                .Replace("{hint}", isJapanese
                    ? "新しいキーは <code>koubou keys add</code> で作れます。"
                    : "Make one with <code>koubou keys add</code>.", StringComparison.Ordinal)
                .Replace("{do}", isJapanese ? "サインイン" : "Sign in", StringComparison.Ordinal)
                .Replace("{fault}", !isWrong ? "" : isJapanese
                    ? "<p role=\"alert\" class=\"fault\">このキーは登録されていないか、失効しているか、閲覧の権限がありません。</p>"
                    : "<p role=\"alert\" class=\"fault\">This key is not known, has expired, or may not read.</p>", StringComparison.Ordinal)
                .Replace("{again}", isFirst
                    ? $"<meta http-equiv=\"refresh\" content=\"0; url={WebUtility.HtmlEncode(again)}\">" : "", StringComparison.Ordinal)
                .Replace("{nonce}", nonce, StringComparison.Ordinal)
                .Replace("{to}", WebUtility.HtmlEncode(to), StringComparison.Ordinal),
            context.RequestAborted);
    }

    private static string Load()
    {
        using var stream = typeof(SignInPage).Assembly.GetManifestResourceStream("sign-in.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
