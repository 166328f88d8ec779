namespace Koubou.Worker.Nodes;

/// <summary>How this worker node behaves. Configuration section <c>Koubou:Worker</c>.</summary>
public sealed class WorkerOptions
{
    public const string Section = "Koubou:Worker";

    /// <summary>
    /// The node's name, unique in the workshop. Default: <c>OTEL_SERVICE_INSTANCE_ID</c>, else the machine's name and the
    /// process id. Command line: <c>--node-id</c>.
    /// </summary>
    public string NodeId { get; set; } = "";

    /// <summary>
    /// Task types that the node takes, separated by blanks or commas. Default: <c>*</c>, all of them. Command line:
    /// <c>--capabilities</c>.
    /// </summary>
    public string Capabilities { get; set; } = "*";

    /// <summary>
    /// The key that lets a node of another machine join. Default: <c>Koubou:Scheduler:JoinKey</c>, where the node shares
    /// its scheduler's configuration. Command line: <c>--join-key</c>.
    /// </summary>
    public string JoinKey { get; set; } = "";

    /// <summary>Craftsmen that are always there. Default: 1.</summary>
    public int SlotsMin { get; set; } = 1;

    /// <summary>
    /// Craftsmen at most. Default: 8; fewer where memory is short. Command line: <c>--max-workers</c>.
    /// </summary>
    public int SlotsMax { get; set; } = 8;

    /// <summary>Slots that stayed idle this long go away. Default: 30 seconds.</summary>
    public TimeSpan ShrinkAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest attempt where neither the task nor its type sets a limit. Default: 10 minutes.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest output, in characters (UTF-16 units). Default: 4,194,304.</summary>
    public int OutputCharsMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// The longest output that is kept on the task itself, in characters; a longer one becomes the artifact
    /// <c>output.txt</c> and the task keeps its beginning. Default: 1,048,576.
    /// </summary>
    public int OutputInlineCharsMax { get; set; } = 1024 * 1024;

    /// <summary>How long running tasks may go on after the node was told to stop. Default: 20 seconds.</summary>
    public TimeSpan DrainGrace { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a leaving node waits for its last reports to be confirmed. Default: 5 seconds.</summary>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a scheduler may take to answer the node's hello. Default: 10 seconds.</summary>
    public TimeSpan WelcomeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The first wait before connecting again, doubled each time. Default: 250 milliseconds.</summary>
    public TimeSpan ReconnectDelayMin { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait before connecting again. Default: 10 seconds.</summary>
    public TimeSpan ReconnectDelayMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The networks whose model servers count as private, as CIDRs separated by blanks or commas. Default: the private
    /// addresses of RFC 1918 and RFC 4193.
    /// </summary>
    public string PrivateNetworks { get; set; } = Backends.Privacy.PrivateNetworks.Default;

    internal IReadOnlyList<string> CapabilityList =>
        Capabilities.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
