using Koubou.Worker.Backends.Http;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>What people read when Ollama has a trouble, each with the command that mends it.</summary>
internal sealed class OllamaWords(string name, Uri address) : BackendWords(name, "Ollama", address)
{
    public override bool MissingModelMayCome => true;

    public override string Unreachable() => $"Ollama does not answer at {Authority}. Start it with: ollama serve";

    public override string Failed(string error) =>
        error.Contains("memory", StringComparison.OrdinalIgnoreCase)
            ? $"Ollama failed: {error}. Where memory is short, use a smaller model or fewer craftsmen: --max-workers 2"
            : $"Ollama failed: {error}";

    public override string NoModel(string error) => $"Ollama: {error}";

    public override string ContextExceeded(string error) =>
        $"The prompt does not fit into the model's context: {error} Shorten it, or give the task or its type a larger "
        + "num_ctx; nothing is ever cut off silently.";

    public override string BrokeOff() =>
        "Ollama broke off in the middle of its answer. Is it still running? (ollama ps)";

    public static string Missing(string model) => $"Ollama has no model '{model}'. Get it with: ollama pull {model}";

    public static string PullFailed(string model, string reason) =>
        $"Ollama has no model '{model}', and pulling it failed: {reason.TrimEnd('.')}. Run: ollama pull {model}";
}
