using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Koubou.Gateway.SignIn;

/// <summary>
/// The key that a person signed in with, sealed in a cookie that scripts cannot read and other sites cannot send. It is
/// looked up anew on each request, so a revoked key ends the session.
/// </summary>
internal sealed class SessionCookie(IDataProtectionProvider protection)
{
    public const string Name = "koubou-session";

    /// <summary>The dashboard's folder: no other door takes the cookie.</summary>
    public const string Folder = "/dashboard";

    private readonly IDataProtector _seal = protection.CreateProtector(Name);

    /// <summary>The key in the request's cookie; null when there is none, or it is not of our making.</summary>
    public string? In(HttpRequest request)
    {
        if (!request.Path.StartsWithSegments(Folder, StringComparison.OrdinalIgnoreCase)
            || request.Cookies[Name] is not { Length: > 0 } value)
        {
            return null;
        }

        try
        {
            return _seal.Unprotect(value);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public void Write(HttpContext context, string key) =>
        context.Response.Cookies.Append(Name, _seal.Protect(key), Options(context));

    public static void Clear(HttpContext context) => context.Response.Cookies.Delete(Name, Options(context));

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = Folder,
        IsEssential = true,
    };
}
