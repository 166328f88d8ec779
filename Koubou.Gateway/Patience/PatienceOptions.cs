namespace Koubou.Gateway.Patience;

/// <summary>How long a request may take.</summary>
internal sealed class PatienceOptions
{
    public const string Section = "Koubou:Gateway:Limits";

    /// <summary>
    /// The longest that one request may take, its wish to wait not counted; streams and sockets have no end. Default: 60
    /// seconds.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the head of a request may take to arrive. Default: 15 seconds.</summary>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Connections open at once, sockets and streams among them, over all doors. Default: 10,000.</summary>
    public long ConnectionsMax { get; set; } = 10_000;

    /// <summary>The largest body where an endpoint says nothing else. Default: 1 MiB.</summary>
    public long BodyBytesMax { get; set; } = 1024 * 1024;
}
