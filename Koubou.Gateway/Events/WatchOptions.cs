namespace Koubou.Gateway.Events;

/// <summary>How long a watch of the log of changes bears with its reader.</summary>
internal sealed class WatchOptions
{
    public const string Section = "Koubou:Gateway:Limits";

    /// <summary>
    /// A reader that takes longer than this over one batch of changes (at most 512) is brought back to the present: it is
    /// told which changes it missed, and how its tasks stand now. Default: 10 seconds.
    /// </summary>
    public TimeSpan SlowReaderAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A WebSocket that takes no single message for so long is broken off. Default: 1 minute.</summary>
    public TimeSpan SocketSendTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
