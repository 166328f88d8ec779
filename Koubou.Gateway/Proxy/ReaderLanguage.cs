namespace Koubou.Gateway.Proxy;

/// <summary>The language of the few pages that the gateway itself shows: as on the dashboard, English or Japanese.</summary>
internal static class ReaderLanguage
{
    // The dashboard's own switch writes it. Sample: koubou-language=c=ja|uic=ja
    private const string Cookie = "koubou-language";

    /// <summary>The language that was chosen on the dashboard, else the one that the browser wishes first.</summary>
    public static bool IsJapanese(HttpRequest request)
    {
        var chosen = request.Cookies[Cookie] ?? "";
        if (chosen.Length > 0)
        {
            return chosen.Contains("uic=ja", StringComparison.Ordinal);
        }

        return request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(language => language.Quality ?? 1)
            .FirstOrDefault()?.Value.StartsWith("ja", StringComparison.OrdinalIgnoreCase) ?? false;
    }
}
