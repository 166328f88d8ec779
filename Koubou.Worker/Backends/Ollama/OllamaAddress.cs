using System.Data.Common;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>Reads the ways in which people name an Ollama.</summary>
internal static class OllamaAddress
{
    public const string Default = "http://localhost:11434";

    private const int DefaultPort = 11434;

    /// <summary>
    /// Reads an address as Ollama itself does. Samples: <c>http://gpu-box:11434</c>, <c>127.0.0.1:11500</c>, <c>:11500</c>,
    /// <c>gpu-box</c>; <c>0.0.0.0</c>, which only means something to a server, is this machine.
    /// </summary>
    public static Uri Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is no address of an Ollama.");

    /// <summary>The same, without throwing.</summary>
    public static bool TryParse(string text, out Uri address)
    {
        text = text.Trim();
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        var candidate = hasScheme ? text : "http://" + (text.StartsWith(':') ? "localhost" + text : text);
        if (!Uri.TryCreate(candidate, UriKind.Absolute, out var parsed)
            || (parsed.Scheme != Uri.UriSchemeHttp && parsed.Scheme != Uri.UriSchemeHttps)
            || parsed.Host.Length == 0)
        {
            address = new Uri(Default);
            return false;
        }

        var builder = new UriBuilder(parsed);
        if (!hasScheme && parsed.IsDefaultPort)
        {
            builder.Port = DefaultPort;
        }

        if (builder.Host is "0.0.0.0" or "[::]")
        {
            builder.Host = "127.0.0.1";
        }

        builder.Path = builder.Path.TrimEnd('/') + "/";
        address = builder.Uri;
        return true;
    }

    /// <summary>Sample: <c>Endpoint=http://localhost:11434;Model=gemma2:2b</c>, or only an address.</summary>
    public static (string? Endpoint, string? Model) ReadConnectionString(string text)
    {
        if (!text.Contains('='))
        {
            return (text, null);
        }

        var parts = new DbConnectionStringBuilder { ConnectionString = text };
        return (parts.TryGetValue("Endpoint", out var endpoint) ? endpoint as string : null,
            parts.TryGetValue("Model", out var model) ? model as string : null);
    }
}
