namespace Koubou.Gateway.Intake;

/// <summary>How large a body may be. The prompt's own limit is the scheduler's.</summary>
internal sealed class IntakeOptions
{
    public const string Section = "Koubou:Gateway:Limits";

    private const long MiB = 1024 * 1024;

    /// <summary>
    /// One task. Default: 16 MiB, because a prompt of 1 MiB may take six times that with JSON escapes.
    /// </summary>
    public long TaskBodyBytesMax { get; set; } = 16 * MiB;

    /// <summary>A batch. Default: 64 MiB, what one message to the scheduler can carry.</summary>
    public long BatchBodyBytesMax { get; set; } = 64 * MiB;

    /// <summary>WebSockets open at once, over all doors. Default: 2,000.</summary>
    public int SocketsMax { get; set; } = 2_000;
}
