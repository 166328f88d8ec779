namespace Koubou.Worker.Backends.AgentCli;

/// <summary>What holds for all agents of this node. Configuration section <c>Koubou:Worker:Agents</c>.</summary>
public sealed class AgentOptions
{
    public const string Section = "Koubou:Worker:Agents";

    /// <summary>
    /// Folders that tasks may name in their option <c>folder</c>; what lies inside them may be named too. Default: none.
    /// </summary>
    public IList<string> Folders { get; } = [];

    /// <summary>The largest folder without git that is copied for an agent, in bytes. Default: 256 MiB.</summary>
    public long CopyBytesMax { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// Whether agents run in PID namespaces where the machine allows it, so that nothing they start can outlive them.
    /// False: their processes are found by a mark instead. Default: true.
    /// </summary>
    public bool Enclose { get; set; } = true;

    /// <summary>Pause between two looks at the agents. Default: 5 minutes.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one look at an agent may take. Default: 30 seconds.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Agents by name, besides Codex.</summary>
    public IDictionary<string, AgentCliOptions> Clis { get; } =
        new Dictionary<string, AgentCliOptions>(StringComparer.Ordinal);
}
