namespace Koubou.Gateway.Mcp;

/// <summary>How the MCP server behaves towards its clients.</summary>
internal sealed class McpOptions
{
    public const string Section = "Koubou:Gateway:Mcp";

    private const int KiB = 1024;

    /// <summary>
    /// The longest that one call of <c>wait</c> is held. Default: 90 seconds, because Claude Code moves a call to the
    /// background after two minutes.
    /// </summary>
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>Pause between two progress notes of a wait. At most 10 seconds. Default: 5 seconds.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The largest file that a task may name under the client's roots. Default: 256 KiB.</summary>
    public int FileBytesMax { get; set; } = 256 * KiB;

    /// <summary>All files that one task names, together. Default: 768 KiB, so that a prompt of 1 MiB holds them.</summary>
    public int FilesBytesMax { get; set; } = 768 * KiB;

    /// <summary>
    /// Results of one client that are remembered as not yet read; older ones are no longer listed, though still kept by
    /// the scheduler. Default: 10,000.
    /// </summary>
    public int UnreadMax { get; set; } = 10_000;
}
