using Koubou.Contracts;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>The Ollama that this node asks. Configuration section <c>Koubou:Worker:Ollama</c>.</summary>
public sealed class OllamaOptions
{
    public const string Section = "Koubou:Worker:Ollama";

    /// <summary>
    /// Where Ollama listens. Default: the endpoint of <c>ConnectionStrings:ollama-gemma2</c> or
    /// <c>ConnectionStrings:ollama</c>, else <c>OLLAMA_HOST</c>, else <c>http://localhost:11434</c>.
    /// </summary>
    public string Endpoint { get; set; } = "";

    /// <summary>
    /// The model for tasks that name none. Default: the model of the connection string, else <c>gemma2:2b</c>.
    /// </summary>
    public string Model { get; set; } = "";

    /// <summary>
    /// Where that Ollama computes, for the data policy. Default: <c>Local</c> on a loopback address, <c>Private</c> on an
    /// address of a private network or a name without dots, else <c>Cloud</c>.
    /// </summary>
    public Zone? Zone { get; set; }

    /// <summary>Whether a missing model is pulled. Default: true.</summary>
    public bool PullMissing { get; set; } = true;

    /// <summary>A pull that brings nothing new for this long has failed. Default: 2 minutes.</summary>
    public TimeSpan PullStallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause after a failed pull, and before a task that was given back comes again. Default: 30 seconds.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause between two looks at Ollama. Default: 5 seconds.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one look, or one question about a model, may take. Default: 5 seconds.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a task waits in its slot for an Ollama that is away before it is given back. Default: 15 seconds.
    /// </summary>
    public TimeSpan ReachableWait { get; set; } = TimeSpan.FromSeconds(15);
}
