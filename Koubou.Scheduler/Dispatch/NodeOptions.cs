namespace Koubou.Scheduler.Dispatch;

/// <summary>Which nodes may join. Section <c>Koubou:Scheduler</c>.</summary>
public sealed class NodeOptions
{
    public const string Section = "Koubou:Scheduler";

    /// <summary>
    /// The scheduler's own name, as worker nodes log it. Default: the machine's name and the process id. Command line:
    /// <c>--node-id</c>.
    /// </summary>
    public string Id { get; set; } = Environment.MachineName + "-" + Environment.ProcessId;

    /// <summary>The key that a node must show. Default: none, which is allowed on loopback only.</summary>
    public string JoinKey { get; set; } = "";

    /// <summary>The address to listen on. Default: <c>127.0.0.1</c>. Any other needs a <see cref="JoinKey"/>.</summary>
    public string Bind { get; set; } = "127.0.0.1";
}
