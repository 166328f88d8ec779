using Microsoft.Extensions.Options;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>Where Ollama is, after every way to say so was looked at.</summary>
/// <param name="IsConfigured">Somebody named it, so nothing else may answer in its place.</param>
internal sealed record OllamaSource(bool IsConfigured);

/// <summary>Fills what the section leaves open from the connection string and <c>OLLAMA_HOST</c>.</summary>
internal sealed class OllamaSettings(IConfiguration configuration) : IPostConfigureOptions<OllamaOptions>
{
    /// <summary>The one that is looked for without being named.</summary>
    public const string DefaultName = "ollama";

    private const string ModelDefault = "gemma2:2b";

    private static readonly string[] ConnectionNames = ["ollama-gemma2", "ollama"];

    public static OllamaSource Source(IConfiguration configuration) => new(
        !string.IsNullOrWhiteSpace(configuration[$"{OllamaOptions.Section}:{nameof(OllamaOptions.Endpoint)}"])
        || ConnectionString(configuration) is not null
        || !string.IsNullOrWhiteSpace(configuration["OLLAMA_HOST"]));

    public void PostConfigure(string? name, OllamaOptions options)
    {
        var (endpoint, model) = name != DefaultName
            ? (null, null)
            : ConnectionString(configuration) is { } text
            ? OllamaAddress.ReadConnectionString(text)
            : (configuration["OLLAMA_HOST"], null);
        options.Endpoint = FirstOf(options.Endpoint, endpoint, OllamaAddress.Default);
        options.Model = FirstOf(options.Model, model, ModelDefault);
    }

    private static string? ConnectionString(IConfiguration configuration) =>
        ConnectionNames.Select(configuration.GetConnectionString).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));

    private static string FirstOf(params ReadOnlySpan<string?> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (!string.IsNullOrWhiteSpace(candidate))
            {
                return candidate;
            }
        }

        return "";
    }
}
