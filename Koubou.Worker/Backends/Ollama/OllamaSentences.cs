namespace Koubou.Worker.Backends.Ollama;

/// <summary>What people read when Ollama has a trouble, each with the command that mends it.</summary>
internal static class OllamaSentences
{
    public static string Unreachable(Uri address) =>
        $"Ollama does not answer at {address.GetLeftPart(UriPartial.Authority)}. Start it with: ollama serve";

    public static string Missing(string model) => $"Ollama has no model '{model}'. Get it with: ollama pull {model}";

    public static string PullFailed(string model, string reason) =>
        $"Ollama has no model '{model}', and pulling it failed: {reason.TrimEnd('.')}. Run: ollama pull {model}";

    public static string Failed(string error) =>
        error.Contains("memory", StringComparison.OrdinalIgnoreCase)
            ? $"Ollama failed: {error}. Where memory is short, use a smaller model or fewer craftsmen: --max-workers 2"
            : $"Ollama failed: {error}";
}
