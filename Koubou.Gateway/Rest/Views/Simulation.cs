using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Views;

/// <summary>The sentence that stands beside every simulated answer.</summary>
internal static class Simulation
{
    public const string TaskNotice =
        "Simulated: no language model was asked; the demo backend made this answer up. "
        + "For real answers start Ollama: ollama serve, then ollama pull gemma2:2b";

    public const string WorkshopNotice =
        "Simulated: every worker node answers from the demo backend. "
        + "For real answers start Ollama: ollama serve, then ollama pull gemma2:2b";

    public static bool IsSimulated(this TaskRecord record) => record.Attempts.Count > 0 && record.Attempts[^1].Simulated;
}
