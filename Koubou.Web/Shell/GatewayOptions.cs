namespace Koubou.Web.Shell;

/// <summary>Where clients reach the workshop; shown in the calls to copy. Section <c>Koubou:Web:Gateway</c>.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Koubou:Web:Gateway";

    /// <summary>Used when the page was not opened through the gateway itself. Default: http://localhost:8765.</summary>
    public Uri Address { get; set; } = new("http://localhost:8765");
}
