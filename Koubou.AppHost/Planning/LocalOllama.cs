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
        var text = string.IsNullOrWhiteSpace(host) ? "localhost" : host.Trim();
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? text : $"http://{text}", UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https"))
        {
            throw new SettingException("OLLAMA_HOST", host, "a host, host:port or http(s) address");
        }

        // Uri cannot tell "no port" from "port 80", but Ollama can: its own port is meant only where none was written.
        var hasPort = text.LastIndexOf(':') > text.LastIndexOf(']');
        var port = hasScheme || hasPort ? address.Port : UsualPort;
        var name = address.Host is "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return new UriBuilder(address.Scheme, name, port).Uri;
    }
}
