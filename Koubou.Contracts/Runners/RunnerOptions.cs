using System.Collections.Frozen;

namespace Koubou.Contracts;

/// <summary>
/// The options with which a model is loaded. A server that holds a model loads it anew for other ones, so two tasks
/// share a loaded model only when these agree too.
/// </summary>
public static class RunnerOptions
{
    private const string LatestTag = ":latest";

    // What Ollama's runner is started with; all other options are of the single request.
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.Ordinal,
        "num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "use_mmap", "use_mlock", "low_vram", "numa");

    /// <summary>Whether another value of this option loads the model anew.</summary>
    public static bool Contains(string name) => Names.Contains(name);

    /// <summary>Those among all options, in one spelling: <c>num_ctx=8192 num_gpu=1</c>. Empty: none.</summary>
    public static string Pick(IEnumerable<KeyValuePair<string, string>> options) => string.Join(' ', options
        .Where(option => Contains(option.Key))
        .OrderBy(option => option.Key, StringComparer.Ordinal)
        .Select(option => $"{option.Key}={option.Value.Trim()}"));

    /// <summary>A loaded model in one word: <c>gemma2:2b</c>, or <c>gemma2:2b num_ctx=8192</c>.</summary>
    /// <param name="model">The model; without a tag it is the latest one.</param>
    /// <param name="options">What <see cref="Pick"/> gave.</param>
    public static string Key(string model, string options)
    {
        var tagged = model.AsSpan(model.LastIndexOf('/') + 1).Contains(':') ? model : model + LatestTag;
        return options.Length == 0 ? tagged : $"{tagged} {options}";
    }
}
