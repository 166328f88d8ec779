namespace Koubou.Worker.Backends.Ollama;

/// <summary>
/// An Ollama that this node asks. Configuration section <c>Koubou:Worker:Ollama</c> for the one named <c>ollama</c>, which
/// is always looked for; <c>Koubou:Worker:Backends:NAME</c>, on top of that section, for each further one.
/// </summary>
public sealed class OllamaOptions : BackendOptions
{
    public new const string Section = "Koubou:Worker:Ollama";

    /// <summary>
    /// How long Ollama keeps the model in memory after an answer; endless: <c>-00:00:00.001</c>. Default: Ollama's own
    /// (5 minutes). A task's or type's option <c>keep_alive</c> wins.
    /// </summary>
    public TimeSpan? KeepAlive { get; set; }

    /// <summary>Whether a missing model is pulled. Default: true.</summary>
    public bool PullMissing { get; set; } = true;

    /// <summary>A pull that brings nothing new for this long has failed. Default: 2 minutes.</summary>
    public TimeSpan PullStallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause after a failed pull before it is tried again. Default: 30 seconds.</summary>
    public TimeSpan PullRetryAfter { get; set; } = TimeSpan.FromSeconds(30);
}
