namespace Koubou.Worker.Backends.Ollama;

/// <summary>What the last look at Ollama saw.</summary>
internal sealed record OllamaState(
    bool Reachable, string Version, IReadOnlyList<string> Models, IReadOnlyList<string> LoadedModels)
{
    public static OllamaState Away { get; } = new(Reachable: false, "", [], []);

    public bool SaysTheSame(OllamaState other) =>
        Reachable == other.Reachable && Version == other.Version
        && Models.SequenceEqual(other.Models) && LoadedModels.SequenceEqual(other.LoadedModels);
}
