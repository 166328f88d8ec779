using System.Net.Http.Headers;
using System.Text;

namespace Koubou.Gateway.Keys;

/// <summary>
/// The key that a request carries: <c>Authorization: Bearer KEY</c> or <c>X-Api-Key: KEY</c>. Browsers, which can send
/// neither for a page, may give it as the password of HTTP Basic.
/// </summary>
internal static class PresentedKey
{
    private const string KeyHeader = "X-Api-Key";

    public static string? In(HttpRequest request) =>
        request.Headers[KeyHeader].ToString() is { Length: > 0 } key
            ? key
            : InAuthorization(request.Headers.Authorization.ToString());

    /// <summary>From the value of an Authorization header.</summary>
    public static string? InAuthorization(string value) =>
        AuthenticationHeaderValue.TryParse(value, out var header)
            ? header.Scheme.ToUpperInvariant() switch
            {
                "BEARER" => header.Parameter,
                "BASIC" => Password(header.Parameter),
                _ => null,
            }
            : null;

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
}
