namespace Koubou.AppHost.Planning;

/// <summary>Looks for an Ollama server that already runs on this machine, or where <c>OLLAMA_HOST</c> points.</summary>
internal static class LocalOllama
{
    private const int UsualPort = 11434;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>Whether a server answers at this address in time.</summary>
    public static async Task<bool> AnswersAsync(Uri address)
    {
        using var http = new HttpClient { Timeout = _patience };
        try
        {
            using var answer = await http.GetAsync(new Uri(address, "api/version"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// Reads <c>OLLAMA_HOST</c> as Ollama does: host, host:port or an address; nothing means localhost:11434. A server told to
    /// listen everywhere (0.0.0.0) is reached on localhost.
    /// </summary>
    public static Uri AddressFrom(string? host)
    {
        var text = string.IsNullOrWhiteSpace(host) ? "localhost" : host.Trim().TrimEnd('/');
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? text : $"http://{text}", UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https"))
        {
            throw new SettingException("OLLAMA_HOST", host, "a host, host:port or http(s) address");
        }

        var named = text.AsSpan(hasScheme ? address.Scheme.Length + "://".Length : 0);
        var hasPort = named.TrimStart('[').LastIndexOf(':') > named.LastIndexOf(']') && named.Contains(':');
        var builder = new UriBuilder(address) { Port = hasScheme || hasPort ? address.Port : UsualPort };
        builder.Host = builder.Host is "0.0.0.0" or "[::]" ? "localhost" : builder.Host;
        return builder.Uri;
    }
}
