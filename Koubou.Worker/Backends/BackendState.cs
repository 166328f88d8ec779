namespace Koubou.Worker.Backends;

/// <summary>What the last look at a backend saw.</summary>
/// <param name="Reachable">It can be asked.</param>
/// <param name="Version">What it says that it is.</param>
/// <param name="Models">What it has.</param>
/// <param name="LoadedModels">What it holds in memory.</param>
/// <param name="Trouble">What is wrong, in one sentence. Empty: nothing.</param>
/// <param name="TroubleCode">The same as a stable word for programs.</param>
internal sealed record BackendState(
    bool Reachable, string Version, IReadOnlyList<string> Models, IReadOnlyList<string> LoadedModels, string Trouble,
    string TroubleCode = "")
{
    /// <summary>Those of its models that it passes on to a cloud.</summary>
    public IReadOnlyList<string> CloudModels { get; init; } = [];

    public static BackendState Away(string trouble, string code) => new(Reachable: false, "", [], [], trouble, code);

    public bool SaysTheSame(BackendState other) =>
        Reachable == other.Reachable && Version == other.Version && Trouble == other.Trouble
        && Models.SequenceEqual(other.Models) && LoadedModels.SequenceEqual(other.LoadedModels)
        && CloudModels.SequenceEqual(other.CloudModels);
}
